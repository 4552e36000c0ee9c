/** How our kernels take the place of the backend's under the names of TensorFlow.js. */
import { tf } from '../tf';
import { asWasm, type WasmBackend } from './launch';

/** One of our kernels; returns null for inputs that the stock kernel must handle. */
export type OwnKernel = (
  backend: WasmBackend,
  inputs: Record<string, tf.TensorInfo>,
  attributes: unknown,
) => tf.TensorInfo | tf.TensorInfo[] | null;

/** How many numbers a tensor, or one of this shape, has. */
export function sizeOf(of: tf.TensorInfo | readonly number[]): number {
  return tf.util.sizeFromShape([...('shape' in of ? of.shape : of)]);
}

/**
 * Replaces a kernel, or adds it where the backend has none.
 * @param floats names of the inputs that must be float32, all where none are named
 */
export function replace(kernelName: string, own: OwnKernel, floats?: readonly string[]): void {
  const stock = tf.getKernel(kernelName, 'wasm');
  if (stock) tf.unregisterKernel(kernelName, 'wasm');
  const kernelFunc: tf.KernelFunc = (call) => {
    const inputs = call.inputs as Record<string, tf.TensorInfo>;
    // Our kernels read non-empty tensors, float32 unless they say otherwise.
    const ready = Object.entries(inputs).every(
      ([name, input]) =>
        sizeOf(input) > 0 && (input.dtype === 'float32' || (floats !== undefined && !floats.includes(name))),
    );
    const result = ready ? own(asWasm(call.backend), inputs, call.attrs) : null;
    if (result) return result;
    if (!stock) throw new Error(`${kernelName} cannot be computed for these shapes on WebAssembly.`);
    return stock.kernelFunc(call);
  };
  tf.registerKernel({ ...stock, kernelName, backendName: 'wasm', kernelFunc });
}
