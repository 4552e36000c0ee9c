/** TensorFlow.js as it comes, beside ours. */
import { tf } from '../../../src/engine/tf';

/** The package's own backend, on a device of its own, with its own kernels and the composed table. */
export const stockBackend = 'webgpu-stock';

/** To be called after ours has been started. */
export async function registerStock(): Promise<void> {
  if (tf.engine().registryFactory[stockBackend]) return;
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  tf.registerBackend(stockBackend, async () => {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    return new WebGPUBackend(await adapter!.requestDevice(), adapter!.info);
  });
  // Our kernels step aside for a backend that is not ours.
  tf.copyRegisteredKernels('webgpu', stockBackend);
}

/** The stock backend hands over every 15 dispatches; ours says itself how many. */
export async function asStock<R>(work: () => Promise<R>): Promise<R> {
  const batchSize = 'WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE';
  const usual = tf.env().getNumber(batchSize);
  tf.env().set(batchSize, 15);
  try {
    return await work();
  } finally {
    tf.env().set(batchSize, usual);
  }
}
