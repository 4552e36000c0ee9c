import { tf } from './tf';

/** Names under which software renderers present themselves. */
const software = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/**
 * Loads the WebGPU backend; answers the name of the graphics card it will run on.
 * @param acceptSoftware also takes an adapter that computes on the processor, which wasm does faster
 * @throws Error with a sentence when there is no usable adapter
 */
export async function loadWebgpu(acceptSoftware: boolean): Promise<string> {
  const gpu = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (!gpu) throw new Error('This browser has no WebGPU.');
  // The same request as the backend's own, so that both see the same adapter.
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('WebGPU finds no graphics card.');
  const { name, isSoftware } = identify(adapter);
  if (isSoftware && !acceptSoftware)
    throw new Error(`WebGPU has only a software adapter (${name}), which is slower than WebAssembly.`);
  await import('@tensorflow/tfjs-backend-webgpu');
  return isSoftware ? `${name} (software)` : name;
}

function identify(adapter: GPUAdapter): { name: string; isSoftware: boolean } {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const parts = [description || vendor, architecture, device].filter(Boolean);
  const isSoftware = isFallbackAdapter || software.test(parts.join(' '));
  return { name: parts.map(capitalised).join(' ') || 'unnamed graphics card', isSoftware };
}

/** "nvidia" and "ada-lovelace" are how browsers write them. */
function capitalised(word: string): string {
  return word
    .split(/[- ]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(' ');
}

/**
 * Runs `work` inside a validation scope of the active WebGPU device.
 * @throws Error with the device's message: TensorFlow.js itself goes on with garbage when a dispatch is refused
 */
export async function withValidation<R>(work: () => Promise<R>): Promise<R> {
  const { device } = tf.backend() as tf.KernelBackend & { device: GPUDevice };
  device.pushErrorScope('validation');
  // The scope must be closed before anything is thrown.
  const [outcome] = await Promise.allSettled([work()]);
  const refusal = await device.popErrorScope();
  if (refusal) throw new Error(`WebGPU refused a computation: ${refusal.message}`);
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
