import type { tf } from './tf';

/** The part of the wasm backend that allocates memory for kernels. */
export interface WasmMemory {
  makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array;
}
