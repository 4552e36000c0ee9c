/** Everything that is loaded only where WebGPU is used. */
export { registerFusedKernels } from './kernels/fused';
export { replaceStockKernels } from './kernels/stock';
export { tuneFor } from './kernels/wgsl';
export { RetortBackend, submitEvery } from './webgpu-backend';
