/** How much the active backend can hold, as far as it says. */
import { tf } from './tf';
import { activeBackend } from './webgpu';

export interface DeviceLimits {
  /** Bytes of the largest tensor. */
  tensor: number;
  /** Bytes of all tensors together; null where the device does not say. */
  all: number | null;
  /** What has these limits, for a sentence: "this graphics card". */
  what: string;
}

/** Memory of WebAssembly: 65,536 pages, less the last one, which TensorFlow.js leaves free. */
const wasmBytes = 65_535 * 65_536;
/** Sizes in our plans are signed 32-bit numbers. */
const largestInWasm = 2 ** 31 - 64;

/** Null where nothing is known: WebGL and plain JavaScript. */
export function deviceLimits(): DeviceLimits | null {
  switch (tf.getBackend()) {
    case 'wasm':
      return { tensor: largestInWasm, all: wasmBytes, what: 'WebAssembly' };
    case 'webgpu': {
      const limits = activeBackend()?.device.limits;
      if (!limits) return null;
      const tensor = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
      return { tensor, all: null, what: 'this graphics card' };
    }
    default:
      return null;
  }
}
