/** Modules that are loaded only where WebGPU is used. */
export { registerFusedKernels } from './kernels/fused-op-table';
export { overrideKernels as replaceStockKernels } from './kernels/kernel-overrides';
export { tuneFor } from './kernels/wgsl';
export { RetortBackend, submitEvery } from './webgpu-backend';
