import { tf } from './tf';
import type { RetortBackend } from './webgpu-backend';

/** Device names of software renderers. */
const software = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/**
 * Loads the WebGPU backend; returns the name of its graphics card.
 * @param acceptSoftware also accepts an adapter that computes on the CPU, which wasm does faster
 * @throws Error with a sentence when there is no usable adapter
 */
export async function loadWebgpu(acceptSoftware: boolean): Promise<string> {
  const gpu = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (!gpu)
    throw new Error(
      globalThis.isSecureContext === false
        ? 'Browsers give WebGPU only to pages that come over https or from localhost.'
        : 'This browser has no WebGPU.',
    );
  const adapter = await requestAdapter(gpu);
  const { name, isSoftware } = identify(adapter);
  if (isSoftware && !acceptSoftware)
    throw new Error(`WebGPU has only a software adapter (${name}), which is slower than WebAssembly.`);
  await register(isSoftware);
  return isSoftware ? `${name} (software)` : name;
}

async function requestAdapter(gpu: GPU): Promise<GPUAdapter> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('WebGPU finds no graphics card.');
  return adapter;
}

/** Whether the name "webgpu" is already registered for our backend. */
let registered = false;

/** Replaces the package's backend by ours, so that all stock kernels apply to it; can be called again. */
async function register(isSoftware: boolean): Promise<void> {
  // A lost device does not recover: the next backend creates a new one.
  if (registered && !activeBackend()?.isLost) return;
  const { RetortBackend, registerFusedKernels, replaceStockKernels, tuneFor, submitEvery } =
    await import('./webgpu-kernels');
  tuneFor(isSoftware);
  if (!registered) {
    replaceStockKernels();
    registerFusedKernels();
  }
  tf.removeBackend('webgpu');
  tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', submitEvery);
  // An adapter gives one device, so each backend requests its own adapter.
  const start = async () => RetortBackend.create(await requestAdapter(navigator.gpu));
  tf.registerBackend('webgpu', start, 3);
  registered = true;
}

/** Our backend if it has been started, otherwise null. */
export function activeBackend(): RetortBackend | null {
  return registered ? ((tf.engine().registry['webgpu'] as RetortBackend | undefined) ?? null) : null;
}

function identify(adapter: GPUAdapter): { name: string; isSoftware: boolean } {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const parts = [description || vendor, architecture, device].filter(Boolean);
  const isSoftware = isFallbackAdapter || software.test(parts.join(' '));
  return { name: parts.map(capitalised).join(' ') || 'unnamed graphics card', isSoftware };
}

/** Browsers report "nvidia" and "ada-lovelace". */
function capitalised(word: string): string {
  return word
    .split(/[- ]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(' ');
}

/**
 * Runs `work` inside a validation scope of the active WebGPU device.
 * @throws Error with the device's message, because TensorFlow.js itself continues with garbage when a dispatch is
 *   rejected
 */
export async function withValidation<R>(work: () => Promise<R>): Promise<R> {
  const { device } = tf.backend() as RetortBackend;
  device.pushErrorScope('validation');
  // The scope must be popped before anything is thrown.
  const [outcome] = await Promise.allSettled([work()]);
  const refusal = await device.popErrorScope();
  if (refusal) throw new Error(`WebGPU refused a computation: ${refusal.message}`);
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
