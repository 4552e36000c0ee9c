/** Replaces parts of the backend by recording stand-ins, and restores them. */
import { tf } from '../tf';
import type { Arena } from './arena';
import type { CannotCapture } from './cannot-capture';
import { engineInternals, type BufferPool, type Internals } from './internals';
import {
  overlayMap,
  overlayRecord,
  recordingDevice,
  recordingEncoder,
  recordingQueue,
  type Recording,
} from './recording';

/** Events that the recording needs. */
export interface Listener {
  /** The step created data. */
  made(id: object): void;
  /** A dispatch uses data. */
  uses(id: object): void;
  /** The step created a tensor, or assigned a variable. */
  tracked(tensor: tf.Tensor): void;
  /** Data needs a buffer. Returns false to leave that to the backend. */
  upload(id: object, real: Real): boolean;
  /** The step reads data; returns why that is impossible, or null for a constant. */
  refusedRead(id: object): CannotCapture | null;
}

/** The original methods. */
export interface Real {
  pool: BufferPool;
  queue: GPUQueue;
}

/**
 * Enters recording mode; the returned function leaves it. The backend must have no commands that are not submitted.
 */
export function interpose(
  backend: Internals,
  arena: Arena,
  recording: Recording,
  listener: Listener,
): () => void {
  const engine = engineInternals();
  const real: Real = { pool: backend.bufferManager, queue: backend.queue };
  const { device, pipelineCache, pipelines } = backend;
  const forward = tf.env().getBool('WEBGPU_CPU_FORWARD');
  const write = backend.write.bind(backend);
  const uploadToGPU = backend.uploadToGPU.bind(backend);
  const readSync = backend.readSync.bind(backend);
  const read = backend.read.bind(backend);
  const trackTensor = engine.trackTensor.bind(engine);

  /** Own properties of the instance hide the methods of its class. */
  const methods: Partial<Internals> = {
    write: (...args) => {
      const id = write(...args);
      listener.made(id);
      return id;
    },
    uploadToGPU: (id) => {
      if (!listener.upload(id, real)) uploadToGPU(id);
    },
    readSync: (id) => {
      const refusal = listener.refusedRead(id);
      if (refusal) throw refusal;
      return readSync(id);
    },
    // A refused read never settles: the capture fails anyway, and a rejection would be unhandled.
    read: (id) => (listener.refusedRead(id) ? new Promise(() => undefined) : read(id)),
    submitQueue: () => void (backend.dispatchCountInPass = 0),
  };
  Object.assign(backend, methods, {
    commandEncoder: recordingEncoder(recording),
    device: recordingDevice(device, recording),
    queue: recordingQueue(real.queue, recording, arena),
    bufferManager: router(arena, real.pool),
    pipelineCache: overlayRecord(pipelineCache),
    pipelines: overlayMap(pipelines),
    // While recording, buffers are free as soon as their data is disposed; this set only reports uses.
    commandQueueOwnedIds: { add: (id: object) => listener.uses(id), has: () => false },
  });
  engine.trackTensor = (tensor, on) => {
    trackTensor(tensor, on);
    listener.tracked(tensor);
  };
  // Results computed on the CPU would become constants of the graph.
  tf.env().set('WEBGPU_CPU_FORWARD', false);

  return () => {
    tf.env().set('WEBGPU_CPU_FORWARD', forward);
    delete (engine as Partial<typeof engine>).trackTensor;
    for (const name of Object.keys(methods)) delete (backend as unknown as Record<string, unknown>)[name];
    Object.assign(backend, {
      commandEncoder: null,
      computePassEncoder: null,
      device,
      queue: real.queue,
      bufferManager: real.pool,
      pipelineCache,
      pipelines,
      commandQueueOwnedIds: new WeakSet(),
      dispatchCountInPass: 0,
      tensorDataPendingDisposal: [],
      stagingPendingDisposal: [],
      uniformPendingDisposal: [],
    });
  };
}

/** Takes buffers from the arena and returns each to its owner. */
function router(arena: Arena, pool: BufferPool): BufferPool {
  return {
    get numBytesUsed() {
      return pool.numBytesUsed;
    },
    get numBytesAllocated() {
      return pool.numBytesAllocated;
    },
    acquireBuffer(size, usage, mapped = false) {
      const keeps = mapped || (usage & GPUBufferUsage.UNIFORM) !== 0;
      return keeps ? arena.acquirePinned(size, usage, mapped) : arena.acquire(size, usage);
    },
    releaseBuffer(buffer, reuse) {
      if (!arena.release(buffer)) pool.releaseBuffer(buffer, reuse);
    },
  };
}
