/**
 * All internals of TensorFlow.js 4.22 that capture depends on: private fields of the WebGPU backend and of the
 * engine. `missingInternals` checks at start that they are unchanged.
 */
import type { RetortBackend } from '../webgpu-backend';
import { tf } from '../tf';
import { CannotCapture } from './cannot-capture';

/** The backend's record of the numbers behind a tensor. */
export interface TensorData {
  /** Numbers that are on the CPU: not yet uploaded, or cached by a read. */
  values: tf.BackendValues | null;
  /** Type in the buffer, which a cast to float32 does not change. */
  dtype: tf.DataType;
  shape: number[];
  refCount: number;
  resource?: GPUBuffer | null | undefined;
  /** The buffer has another owner and is not returned to the pool. */
  external?: boolean;
}

/** The backend's pool of buffers. */
export interface BufferPool {
  numBytesUsed: number;
  numBytesAllocated: number;
  acquireBuffer(size: number, usage: number, mapped?: boolean, reuse?: boolean): GPUBuffer;
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
}

/** The backend with the fields that capture reads and replaces. */
export interface Internals extends Pick<
  RetortBackend,
  | 'write'
  | 'submitQueue'
  | 'ensureCommandEncoderReady'
  | 'endComputePassEncoder'
  | 'uploadToGPU'
  | 'read'
  | 'readSync'
  | 'disposeData'
  | 'refCount'
  | 'decRef'
  | 'pin'
  | 'unpin'
  | 'isLost'
  | 'computeLazy'
  | 'computeReadersOf'
  | 'expand'
> {
  device: GPUDevice;
  queue: GPUQueue;
  bufferManager: BufferPool;
  tensorMap: { get(id: object): TensorData; has(id: object): boolean };
  /** Stock programs by shader key. */
  pipelineCache: Record<string, GPUComputePipeline>;
  /** Raw kernels by source. */
  pipelines: Map<string, GPUComputePipeline>;
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  /** Data in use by the open command buffer; it must not be recycled before the submit. */
  commandQueueOwnedIds: { add(id: object): unknown; has(id: object): boolean };
  dispatchCountInPass: number;
  tensorDataPendingDisposal: object[];
  stagingPendingDisposal: GPUBuffer[];
  uniformPendingDisposal: GPUBuffer[];
}

/** The used part of the core engine. */
export interface EngineInternals {
  registeredVariables: Record<string, tf.Variable>;
  state: { tensorInfo: WeakMap<object, { backend: unknown }> };
  trackTensor(tensor: tf.Tensor, backend: unknown): void;
  disposeTensor(tensor: tf.Tensor): void;
  incRef(tensor: tf.Tensor, backend: unknown): void;
  removeDataId(id: object, backend: unknown): void;
}

export function engineInternals(): EngineInternals {
  return tf.engine() as unknown as EngineInternals;
}

/**
 * The active backend with its internals.
 * @throws CannotCapture unless it is our WebGPU backend
 */
export function webgpuInternals(): Internals {
  const backend = tf.backend() as unknown as Internals;
  if (tf.getBackend() !== 'webgpu' || typeof backend.pin !== 'function')
    throw new CannotCapture('Steps are recorded on WebGPU only.');
  return backend;
}

/** Names of internals that differ from what capture expects; none with the pinned version. */
export function missingInternals(backend: Internals): string[] {
  const lists = ['tensorDataPendingDisposal', 'stagingPendingDisposal', 'uniformPendingDisposal'] as const;
  const methods = [
    ...([
      'write',
      'submitQueue',
      'ensureCommandEncoderReady',
      'endComputePassEncoder',
      'uploadToGPU',
    ] as const),
    ...(['read', 'readSync', 'disposeData', 'refCount', 'decRef', 'pin', 'unpin'] as const),
  ];
  const engine = engineInternals();
  const engineMethods = ['trackTensor', 'disposeTensor', 'incRef', 'removeDataId'] as const;
  const checks: [string, boolean][] = [
    ...lists.map((name): [string, boolean] => [name, Array.isArray(backend[name])]),
    ...methods.map((name): [string, boolean] => [name, typeof backend[name] === 'function']),
    ...engineMethods.map((name): [string, boolean] => [name, typeof engine[name] === 'function']),
    ['commandEncoder', 'commandEncoder' in backend],
    ['computePassEncoder', 'computePassEncoder' in backend],
    ['commandQueueOwnedIds', backend.commandQueueOwnedIds instanceof WeakSet],
    ['dispatchCountInPass', typeof backend.dispatchCountInPass === 'number'],
    ['device', backend.device instanceof GPUDevice],
    ['queue', backend.queue instanceof GPUQueue],
    ['pipelineCache', typeof backend.pipelineCache === 'object'],
    ['pipelines', backend.pipelines instanceof Map],
    ['bufferManager', typeof backend.bufferManager?.acquireBuffer === 'function'],
    ['tensorMap', typeof backend.tensorMap?.get === 'function'],
    ['registeredVariables', typeof engine.registeredVariables === 'object'],
    ['tensorInfo', engine.state?.tensorInfo instanceof WeakMap],
  ];
  return checks.filter(([, holds]) => !holds).map(([name]) => name);
}

/** Submits the commands that eager ops have encoded, so that the next submit comes after them. */
export function flush(backend: Internals): void {
  backend.endComputePassEncoder();
  if (backend.commandEncoder) backend.submitQueue();
}

/** Releases one pin, and the engine's record of the data when it was the last reference. */
export function unpinData(backend: Internals, id: object): void {
  backend.unpin(id);
  if (backend.refCount(id) <= 0) engineInternals().removeDataId(id, backend);
}

/** Makes a variable refer to other data, as `assign` does. */
export function rebind(backend: Internals, variable: tf.Variable, id: object): void {
  const engine = engineInternals();
  engine.disposeTensor(variable);
  variable.dataId = id;
  engine.incRef(variable, backend);
}

/** Numbers in the form that a buffer of this type holds. */
export function stored(
  values: ArrayLike<number>,
  dtype: tf.DataType,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  const type = isWhole(dtype) ? Int32Array : Float32Array;
  if (values instanceof type && values.buffer instanceof ArrayBuffer)
    return values as Float32Array<ArrayBuffer>;
  return type.from(values) as Float32Array<ArrayBuffer>;
}

/** int32 and bool are stored as 32-bit integers. */
export function isWhole(dtype: tf.DataType): boolean {
  return dtype === 'int32' || dtype === 'bool';
}
