/**
 * Runs our kernels (`assembly/`) on tensors of TensorFlow.js's wasm backend, in its memory: a call costs no copy and
 * passes pointers. Loaded only with that backend (`wasm.ts`); what imports this file without it gets no code of it.
 */
import { tf } from '../tf';
import { withSharedMemory } from './threads/shared-memory';

/** The functions that `assembly/` exports. */
export type KernelName =
  | 'apply'
  | 'batchProduct'
  | 'both'
  | 'choose'
  | 'columnOf'
  | 'combine'
  | 'compare'
  | 'convolution'
  | 'copy'
  | 'copyBlock'
  | 'crossEntropy'
  | 'crossEntropyGradient'
  | 'depthwise'
  | 'fill'
  | 'filterGradient'
  | 'filterTiles'
  | 'fromBytes'
  | 'inputGradient'
  | 'intoColumn'
  | 'mask'
  | 'maxColumns'
  | 'maxPool'
  | 'maxPoolGradient'
  | 'normCoefficients'
  | 'normInputGradient'
  | 'normParameterGradients'
  | 'normStatistics'
  | 'normalise'
  | 'objective'
  | 'objectiveGradient'
  | 'permute'
  | 'pickRows'
  | 'pickedProducts'
  | 'pickedSums'
  | 'placeMeans'
  | 'plus'
  | 'plusColumn'
  | 'plusRow'
  | 'powers'
  | 'putRows'
  | 'relu'
  | 'resample'
  | 'resampleGradient'
  | 'scratchBytes'
  | 'softmaxRows'
  | 'spread'
  | 'squaredDistance'
  | 'squaredDistanceGradient'
  | 'sumColumns'
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
    cwrap: (this: void, name: string, ...types: unknown[]) => (...operands: unknown[]) => unknown;
    tfjs: {
      registerTensor(id: number, size: number, pointer: number): void;
      disposeData(id: number): void;
    };
  };
  dataIdMap: {
    get(dataId: object): WasmData;
    set(dataId: object, data: WasmData): void;
    has(dataId: object): boolean;
    delete(dataId: object): boolean;
  };
  dataIdNextNumber: number;
  move(
    dataId: object,
    values: tf.BackendValues | null,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void;
  makeOutput(
    shape: readonly number[],
    dtype: tf.DataType,
    memoryOffset?: number | null,
    values?: tf.BackendValues | null,
  ): tf.TensorInfo;
}

/** The backend's record of a tensor's numbers. */
export interface WasmData {
  id: number;
  memoryOffset: number;
  shape: readonly number[];
  dtype: tf.DataType;
  refCount: number;
  /** Whether a kernel of the backend's may keep a packed form of it. */
  isPacked?: boolean;
}

/** Memory that a kernel may use while it runs. */
export interface Scratch {
  scratch: number;
}

/** What a kernel is called with: tensors, which are float32 and of the backend, numbers, memory. */
export type Operand = tf.TensorInfo | number | Scratch;

/** Receives what happens while a step is recorded, in place of the backend. */
export interface Recorder {
  launch(kernel: KernelName, operands: readonly Operand[]): void;
  /** A kernel of the backend's, or one of ours that may launch. */
  run(name: string, kernelFunc: tf.KernelFunc, call: Parameters<tf.KernelFunc>[0]): ReturnType<tf.KernelFunc>;
  changed(tensor: tf.TensorInfo): void;
}

let recorder: Recorder | null = null;

/** @param next null at the end of a recording */
export function recordTo(next: Recorder | null): void {
  recorder = next;
}

/**
 * Lets every kernel of the backend be recorded, and keeps the functions of its binary still while one is: a recorded step
 * is not executed, and indices that were never computed would reach beyond the memory. Call once, after all kernels have
 * been registered and before the backend starts.
 */
export function makeRecordable(): void {
  for (const stock of tf.getKernelsForBackend('wasm')) {
    tf.unregisterKernel(stock.kernelName, 'wasm');
    const { kernelName, setupFunc, kernelFunc } = stock;
    const isPacking = packs(kernelName);
    tf.registerKernel({
      ...stock,
      kernelFunc: (call) => {
        if (recorder) return recorder.run(kernelName, kernelFunc, call);
        if (isPacking) notePacked(asWasm(call.backend), Object.values(call.inputs) as tf.TensorInfo[]);
        return kernelFunc(call);
      },
      ...(setupFunc && { setupFunc: (backend) => withStillFunctions(asWasm(backend), setupFunc) }),
    });
  }
}

function withStillFunctions(backend: WasmBackend, setupFunc: tf.KernelSetupFunc): void {
  const { wasm } = backend;
  const { cwrap } = wasm;
  wasm.cwrap = (...args) => {
    const real = cwrap(...args);
    return (...operands) => (recorder ? 0 : real(...operands));
  };
  try {
    setupFunc(backend);
  } finally {
    wasm.cwrap = cwrap;
  }
}

/** Handed over by `wasm.ts`. */
let binary: Uint8Array<ArrayBuffer> | null = null;

export function useKernels(module: Uint8Array<ArrayBuffer>): void {
  binary = module;
}

/** Whether threads can share the backend's memory. */
export function sharesMemory({ wasm }: WasmBackend): boolean {
  return typeof SharedArrayBuffer === 'function' && wasm.asm.memory.buffer instanceof SharedArrayBuffer;
}

/** The kernels in the memory of one backend. */
class Instance {
  readonly kernels: Kernels;
  readonly module: WebAssembly.Module;
  private readonly backend: WasmBackend;
  private scratch = 0;
  private scratchSize = 0;

  constructor(backend: WasmBackend, bytes: Uint8Array<ArrayBuffer>) {
    this.backend = backend;
    this.module = new WebAssembly.Module(sharesMemory(backend) ? withSharedMemory(bytes) : bytes);
    const { exports } = new WebAssembly.Instance(this.module, { env: { memory: backend.wasm.asm.memory } });
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
  if (!binary) throw new Error('The WebAssembly kernels are not loaded.');
  const made = new Instance(backend, binary);
  instances.set(backend, made);
  return made;
}

/** The kernels as functions of pointers and numbers. */
export function kernelsOf(backend: WasmBackend): Kernels {
  return instanceOf(backend).kernels;
}

/** All kernels, each at the place of its number in a job. */
export function kernelNames(backend: WasmBackend): KernelName[] {
  return Object.keys(instanceOf(backend).kernels) as KernelName[];
}

/** The compiled module of the kernels, for the backend's memory. */
export function moduleOf(backend: WasmBackend): WebAssembly.Module {
  return instanceOf(backend).module;
}

/** The active backend, which must be wasm. */
export function wasmBackend(): WasmBackend {
  return tf.backend() as unknown as WasmBackend;
}

/** Calls a kernel, or records the call. */
export function launch(backend: WasmBackend, kernel: KernelName, operands: readonly Operand[]): void {
  if (recorder) {
    recorder.launch(kernel, operands);
    return;
  }
  const instance = instanceOf(backend);
  const numbers = Array<number>(operands.length);
  for (let n = 0; n < operands.length; n++) {
    const operand = operands[n]!;
    numbers[n] =
      typeof operand === 'number'
        ? operand
        : 'scratch' in operand
          ? instance.scratchOf(operand.scratch)
          : backend.dataIdMap.get(operand.dataId).memoryOffset;
  }
  instance.kernels[kernel](...numbers);
}

/** Kernels of the backend's that keep an input packed, by the number of its tensor. */
const packing = new Set([
  'BatchMatMul',
  '_FusedMatMul',
  'Conv2D',
  'DepthwiseConv2dNative',
  'FusedConv2D',
  'FusedDepthwiseConv2D',
  'Prelu',
]);

/** Whether a kernel of the backend's keeps inputs packed. */
export function packs(name: string): boolean {
  return packing.has(name);
}

/** To be called before a kernel that `packs` runs. */
export function notePacked(backend: WasmBackend, inputs: Iterable<tf.TensorInfo | null | undefined>): void {
  for (const input of inputs) if (input) backend.dataIdMap.get(input.dataId).isPacked = true;
}

/**
 * To be called for every tensor that was changed in place. The backend's own kernels take tensors as constant: for a matrix
 * product they keep the second factor as they have packed it, by its number, until it is disposed.
 */
export function changed(backend: WasmBackend, tensor: tf.TensorInfo): void {
  if (recorder) {
    recorder.changed(tensor);
    return;
  }
  const data = backend.dataIdMap.get(tensor.dataId);
  if (!data.isPacked) return;
  data.isPacked = false;
  const { id, memoryOffset } = data;
  const { tfjs } = backend.wasm;
  tfjs.disposeData(id);
  tfjs.registerTensor(id, tf.util.sizeFromShape(tensor.shape), memoryOffset);
}

/** References to data that recorded steps hold. */
const pins = new WeakMap<object, number>();

export function pinsOf(id: object): number {
  return pins.get(id) ?? 0;
}

/** Keeps data until `unpin`. */
export function pin(backend: WasmBackend, id: object): void {
  backend.incRef(id);
  pins.set(id, pinsOf(id) + 1);
}

/** Releases one pin, and the engine's record of the data when it was the last reference. */
export function unpin(backend: WasmBackend, id: object): void {
  pins.set(id, pinsOf(id) - 1);
  if (backend.disposeData(id)) (tf.engine() as unknown as EngineRecords).removeDataId(id, backend);
}

interface EngineRecords {
  /** Forgets data that was disposed. */
  removeDataId(id: object, backend: unknown): void;
}

/** Memory for a convolution of this geometry. */
export function scratchFor(backend: WasmBackend, geometry: readonly number[]): Scratch {
  return { scratch: instanceOf(backend).kernels.scratchBytes(...geometry) };
}

/** A matrix product as a convolution of kernel 1 over rows: x [rows,in] and filter [in,out]. */
export function matrixGeometry(rows: number, inputs: number, units: number): number[] {
  return [rows, 1, 1, inputs, 1, 1, units, 1, 1, 0, 0, 1, 1];
}

/** The range of all tiles of a filter's gradient, for a convolution of this geometry. */
export function tilesFor(backend: WasmBackend, geometry: readonly number[]): [first: number, last: number] {
  return [0, instanceOf(backend).kernels.filterTiles(...geometry)];
}

/** A kernel whose last operands but `numbers` are new tensors of these shapes, which it fills. */
export function produce(
  backend: WasmBackend,
  kernel: KernelName,
  inputs: readonly Operand[],
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
  return backend as WasmBackend;
}
