/**
 * Runs our kernels (`assembly/`) on tensors of TensorFlow.js's wasm backend, in its memory: a call costs no copy and
 * passes pointers. Loaded only with that backend (`wasm.ts`); what imports this file without it gets no code of it.
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { tf } from '../tf';

/** The functions that `assembly/` exports. */
export type KernelName =
  | 'columnOf'
  | 'convolution'
  | 'crossEntropy'
  | 'crossEntropyGradient'
  | 'depthwise'
  | 'filterGradient'
  | 'inputGradient'
  | 'intoColumn'
  | 'mask'
  | 'maxPool'
  | 'maxPoolGradient'
  | 'normCoefficients'
  | 'normInputGradient'
  | 'normParameterGradients'
  | 'normStatistics'
  | 'normalise'
  | 'objective'
  | 'objectiveGradient'
  | 'placeMeans'
  | 'plus'
  | 'plusRow'
  | 'relu'
  | 'scratchBytes'
  | 'spread'
  | 'squaredDistance'
  | 'squaredDistanceGradient'
  | 'sumRows'
  | 'temperatureKl'
  | 'temperatureKlGradient'
  | 'times'
  | 'updateAdam'
  | 'updateBlend'
  | 'updateSgd'
  | 'weightedSum'
  | 'weightedSumGradient';

type Kernels = Record<KernelName, (...operands: number[]) => number>;

/** The parts of the backend that are used here; its class declares them private or not at all. */
export interface WasmBackend extends tf.KernelBackend {
  wasm: {
    asm: { memory: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    tfjs: {
      registerTensor(id: number, size: number, pointer: number): void;
      disposeData(id: number): void;
    };
  };
  dataIdMap: { get(dataId: object): { id: number; memoryOffset: number } };
  makeOutput(shape: readonly number[], dtype: 'float32'): tf.TensorInfo;
}

/** Handed over by `wasm.ts`. */
let compiled: WebAssembly.Module | null = null;

export function useKernels(module: WebAssembly.Module): void {
  compiled = module;
}

/** The kernels in the memory of one backend. */
class Instance {
  readonly kernels: Kernels;
  private readonly backend: WasmBackend;
  private scratch = 0;
  private scratchSize = 0;

  constructor(backend: WasmBackend, module: WebAssembly.Module) {
    this.backend = backend;
    const { exports } = new WebAssembly.Instance(module, { env: { memory: backend.wasm.asm.memory } });
    this.kernels = exports as unknown as Kernels;
  }

  /** Pointer to memory that is free until the next kernel asks for it. */
  scratchOf(bytes: number): number {
    if (bytes <= this.scratchSize) return this.scratch;
    const { wasm } = this.backend;
    if (this.scratch) wasm._free(this.scratch);
    // Twice as much as asked for, so that it is seldom asked for more.
    this.scratchSize = 2 * bytes;
    this.scratch = wasm._malloc(this.scratchSize) >>> 0;
    return this.scratch;
  }
}

const instances = new WeakMap<WasmBackend, Instance>();

function instanceOf(backend: WasmBackend): Instance {
  const known = instances.get(backend);
  if (known) return known;
  if (!compiled) throw new Error('The WebAssembly kernels are not loaded.');
  const made = new Instance(backend, compiled);
  instances.set(backend, made);
  return made;
}

/** The active backend, which must be wasm. */
export function wasmBackend(): WasmBackend {
  return tf.backend() as unknown as WasmBackend;
}

/**
 * Calls a kernel.
 * @param operands tensors, which are float32 and of this backend, or numbers
 */
export function launch(
  backend: WasmBackend,
  kernel: KernelName,
  operands: readonly (tf.TensorInfo | number)[],
): void {
  const { kernels } = instanceOf(backend);
  kernels[kernel](
    ...operands.map((operand) =>
      typeof operand === 'number' ? operand : backend.dataIdMap.get(operand.dataId).memoryOffset,
    ),
  );
}

/**
 * To be called for every tensor that was changed in place. The backend's own kernels take tensors as constant: for a matrix
 * product they keep the second factor as they have packed it, by its number, until it is disposed.
 */
export function changed(backend: WasmBackend, { dataId, shape }: tf.TensorInfo): void {
  const { id, memoryOffset } = backend.dataIdMap.get(dataId);
  const { tfjs } = backend.wasm;
  tfjs.disposeData(id);
  tfjs.registerTensor(id, tf.util.sizeFromShape(shape), memoryOffset);
}

/** Memory for a convolution of this geometry, as a pointer for `launch`. */
export function scratchFor(backend: WasmBackend, geometry: readonly number[]): number {
  const instance = instanceOf(backend);
  return instance.scratchOf(instance.kernels.scratchBytes(...geometry));
}

/** A kernel whose last operands but `numbers` are new tensors of these shapes, which it fills. */
export function produce(
  backend: WasmBackend,
  kernel: KernelName,
  inputs: readonly (tf.TensorInfo | number)[],
  shapes: readonly (readonly number[])[],
  numbers: readonly number[],
): tf.TensorInfo[] {
  const outputs = shapes.map((shape) => backend.makeOutput(shape, 'float32'));
  launch(backend, kernel, [...inputs, ...outputs, ...numbers]);
  return outputs;
}

/** `produce` in a gradient function: the results belong to the surrounding tidy. */
export function tensors(
  kernel: KernelName,
  inputs: readonly (tf.Tensor | number)[],
  shapes: readonly (readonly number[])[],
  numbers: readonly number[],
): tf.Tensor[] {
  const backend = wasmBackend();
  return produce(backend, kernel, inputs, shapes, numbers).map((info) =>
    tf.engine().makeTensorFromTensorInfo(info, backend),
  );
}

/** `backend` as a kernel function of TensorFlow.js gets it. */
export function asWasm(backend: unknown): WasmBackend {
  return backend as BackendWasm as unknown as WasmBackend;
}
