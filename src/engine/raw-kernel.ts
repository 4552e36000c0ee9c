/** Custom compute shaders and their pipelines. */
import type { tf } from './tf';

/** A compute shader whose shapes are constants in its source. */
export interface RawKernel {
  /** For error messages and profiles. */
  name: string;
  /** Entry point `main`; bindings in group 0, numbered as in `runRaw`. */
  wgsl: string;
  /** Workgroups per dimension, each at most 65535. */
  workgroups: readonly [number, number, number];
}

/** A tensor bound to a raw kernel. Tensors that are written change in place: see `RetortBackend.ownBuffer`. */
export interface RawTensor {
  tensor: tf.TensorInfo;
  access: 'read' | 'read_write';
  /** How the kernel reads its buffer; float32 when left out. */
  stored?: 'float32' | 'int32';
}

/** Compiles the shader; the first use of the pipeline waits for that. */
export function createPipeline(
  device: GPUDevice,
  { name, wgsl }: RawKernel,
  layout: GPUBindGroupLayout,
): GPUComputePipeline {
  return device.createComputePipeline({
    label: name,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ label: name, code: wgsl }), entryPoint: 'main' },
  });
}

/** Explicit, because the automatic layout drops bindings that a shader does not use. */
export function createLayout(
  device: GPUDevice,
  accesses: readonly RawTensor['access'][],
): GPUBindGroupLayout {
  return device.createBindGroupLayout({
    entries: accesses.map((access, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: access === 'read' ? ('read-only-storage' as const) : ('storage' as const) },
    })),
  });
}
