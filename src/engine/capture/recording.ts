/**
 * Stand-ins for the device, its queue and its encoders while a step is recorded: calls from TensorFlow.js are
 * recorded and not executed. Only uploads of constants and uniforms happen at once.
 */
import type { Arena } from './arena';
import { CannotCapture } from './cannot-capture';
import {
  DeferredBindGroup,
  DeferredLayout,
  DeferredModule,
  DeferredPipeline,
  pipelineHash,
} from './deferred';
import { hashOf, hashWords, nameOfForeign, Signature } from './signature';

export interface Dispatch {
  pipeline: GPUComputePipeline | DeferredPipeline;
  bindGroup: GPUBindGroup | DeferredBindGroup;
  workgroups: readonly [number, number, number];
}

export interface Copy {
  source: GPUBuffer;
  sourceOffset: number;
  target: GPUBuffer;
  targetOffset: number;
  bytes: number;
}

export type Op = Dispatch | Copy;

/** The growing list of recorded commands. */
export class Recording {
  readonly ops: Op[] = [];
  readonly signature = new Signature();
  readonly pipelines: DeferredPipeline[] = [];
  private readonly arena: Arena;
  private readonly wiring = new WeakMap<object, string>();

  constructor(arena: Arena) {
    this.arena = arena;
  }

  copy(op: Copy): void {
    this.ops.push(op);
    const { source, sourceOffset, target, targetOffset, bytes } = op;
    this.signature.add(
      `copy ${this.nameOf(source)}+${sourceOffset} ${this.nameOf(target)}+${targetOffset} ${bytes}`,
    );
  }

  dispatch(op: Dispatch): void {
    this.ops.push(op);
    const buffers = this.wiring.get(op.bindGroup) ?? 'unknown';
    this.signature.add(`run ${pipelineHash(op.pipeline)} (${buffers}) ${op.workgroups.join()}`);
  }

  /** Records the content of a constant or of uniforms. */
  content(buffer: GPUBuffer, data: ArrayBuffer, offset: number, bytes: number): void {
    this.signature.add(`${this.nameOf(buffer)} holds ${bytes}: ${hashOf(hashWords(data, offset, bytes))}`);
  }

  /** "7" for buffers of the arena, another form for others. */
  nameOf(buffer: GPUBuffer): string {
    return this.arena.slotOf(buffer)?.toString() ?? nameOfForeign(buffer);
  }

  /** Remembers the buffers of a bind group, which cannot be read from the group. */
  noteBindGroup(group: object, { entries }: GPUBindGroupDescriptor): void {
    const buffers = [...entries].map(({ resource }) => {
      const binding = resource as GPUBufferBinding;
      if (!(binding.buffer instanceof GPUBuffer))
        throw new CannotCapture('The step uses a texture; only buffers can be recorded.');
      return `${this.nameOf(binding.buffer)}${binding.offset ? `+${binding.offset}` : ''}`;
    });
    this.wiring.set(group, buffers.join());
  }
}

const refusedCall = (what: string) => () => {
  throw new CannotCapture(`The step ${what}, which cannot be recorded.`);
};

/** The part of a command encoder that the backend uses. */
export function recordingEncoder(recording: Recording): GPUCommandEncoder {
  const encoder = {
    beginComputePass: () => recordingPass(recording),
    copyBufferToBuffer: (
      source: GPUBuffer,
      sourceOffset: number,
      target: GPUBuffer,
      targetOffset: number,
      bytes: number,
    ) => recording.copy({ source, sourceOffset, target, targetOffset, bytes }),
    copyBufferToTexture: refusedCall('copies into a texture'),
    copyTextureToBuffer: refusedCall('copies from a texture'),
    clearBuffer: refusedCall('clears a buffer'),
    resolveQuerySet: refusedCall('measures times'),
    finish: refusedCall('submits commands by itself'),
  };
  return encoder as unknown as GPUCommandEncoder;
}

function recordingPass(recording: Recording): GPUComputePassEncoder {
  let pipeline: Dispatch['pipeline'];
  let bindGroup: Dispatch['bindGroup'];
  const pass = {
    setPipeline: (next: Dispatch['pipeline']) => void (pipeline = next),
    setBindGroup: (_group: number, next: Dispatch['bindGroup']) => void (bindGroup = next),
    dispatchWorkgroups: (x: number, y = 1, z = 1) =>
      recording.dispatch({ pipeline, bindGroup, workgroups: [x, y, z] }),
    dispatchWorkgroupsIndirect: refusedCall('lets the graphics card choose a size'),
    end: () => undefined,
  };
  return pass as unknown as GPUComputePassEncoder;
}

/** The device with deferred compilation; everything else is passed through. */
export function recordingDevice(device: GPUDevice, recording: Recording): GPUDevice {
  const replaced: Partial<Record<string | symbol, unknown>> = {
    createShaderModule: (descriptor: GPUShaderModuleDescriptor) => new DeferredModule(descriptor),
    createComputePipeline: (descriptor: GPUComputePipelineDescriptor) => {
      const pipeline = new DeferredPipeline(descriptor);
      recording.pipelines.push(pipeline);
      return pipeline;
    },
    createBindGroup: (descriptor: GPUBindGroupDescriptor) => {
      const deferred = (descriptor.layout as unknown) instanceof DeferredLayout;
      const group = deferred ? new DeferredBindGroup(descriptor) : device.createBindGroup(descriptor);
      recording.noteBindGroup(group, descriptor);
      return group;
    },
  };
  return standIn(device, replaced);
}

/** The queue; its writes are executed and recorded, because they are the uniforms of stock programs. */
export function recordingQueue(queue: GPUQueue, recording: Recording, arena: Arena): GPUQueue {
  const writeBuffer = (
    buffer: GPUBuffer,
    offset: number,
    data: ArrayBuffer,
    dataOffset = 0,
    bytes = data.byteLength - dataOffset,
  ) => {
    if (arena.slotOf(buffer) === undefined || !(data instanceof ArrayBuffer))
      throw new CannotCapture('The step writes into a buffer, which a replay would not repeat.');
    recording.content(buffer, data, dataOffset, bytes);
    queue.writeBuffer(buffer, offset, data, dataOffset, bytes);
  };
  return standIn(queue, { writeBuffer, submit: refusedCall('submits commands by itself') });
}

function standIn<T extends object>(real: T, replaced: Partial<Record<string | symbol, unknown>>): T {
  return new Proxy(real, {
    get(target, name) {
      if (name in replaced) return replaced[name];
      // Getters and methods of WebGPU objects require the real object as `this`.
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The cache of stock programs, extended by deferred pipelines that only the recording sees. */
export function overlayRecord(cache: Record<string, GPUComputePipeline>): Record<string, GPUComputePipeline> {
  const own = new Map<string, DeferredPipeline>();
  return new Proxy(cache, {
    has: (target, key) => own.has(key as string) || key in target,
    get: (target, key) => own.get(key as string) ?? target[key as string],
    set(target, key: string, value: unknown) {
      const pipeline = value as DeferredPipeline;
      pipeline.cache = { get: () => target[key], set: (compiled) => (target[key] = compiled) };
      own.set(key, pipeline);
      return true;
    },
  });
}

/** The same for raw kernels. */
export function overlayMap(cache: Map<string, GPUComputePipeline>): Map<string, GPUComputePipeline> {
  const own = new Map<string, DeferredPipeline>();
  const overlay = {
    has: (key: string) => own.has(key) || cache.has(key),
    get: (key: string) => own.get(key) ?? cache.get(key),
    set(key: string, value: unknown) {
      const pipeline = value as DeferredPipeline;
      pipeline.cache = { get: () => cache.get(key), set: (compiled) => void cache.set(key, compiled) };
      own.set(key, pipeline);
    },
  };
  return overlay as unknown as Map<string, GPUComputePipeline>;
}
