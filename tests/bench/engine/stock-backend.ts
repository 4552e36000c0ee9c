/** Unmodified TensorFlow.js, for comparison. */
import { tf } from '../../../src/engine/tf';

/** The package's own backend, on a separate device, with its own kernels and the composed op table. */
export const stockBackend = 'webgpu-stock';

/** Call after our backend has been started. */
export async function registerStock(): Promise<void> {
  if (tf.engine().registryFactory[stockBackend]) return;
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  tf.registerBackend(stockBackend, async () => {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    return new WebGPUBackend(await adapter!.requestDevice(), adapter!.info);
  });
  // Those of ours that took the place of others' leave them to other backends; our own ops would be taken for its own.
  tf.copyRegisteredKernels('webgpu', stockBackend);
  for (const { kernelName } of tf.getKernelsForBackend(stockBackend))
    if (kernelName.startsWith('Retort')) tf.unregisterKernel(kernelName, stockBackend);
}

/** The stock backend submits every 15 dispatches; ours sets its own number. */
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
