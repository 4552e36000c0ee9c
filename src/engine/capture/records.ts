/** Which backends record steps. */
import { hasFused } from '../fused-ops';
import { tf } from '../tf';

export function recordsOnWasm(): boolean {
  return tf.getBackend() === 'wasm' && hasFused('RetortRelu');
}

/** Whether the active backend is one that records steps, if it works on this device: see `captureAvailability`. */
export function recordsSteps(): boolean {
  return tf.getBackend() === 'webgpu' || recordsOnWasm();
}

/** Whether the kernels of a recorded step must be compiled before its first replay. */
export function compilesKernels(): boolean {
  return tf.getBackend() === 'webgpu';
}
