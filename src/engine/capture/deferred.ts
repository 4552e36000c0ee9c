/**
 * Placeholders for pipelines that are not compiled yet, and for bind groups made from them. Recording compiles
 * nothing, so it takes milliseconds; the graph compiles its pipelines afterwards, in the background if there is time.
 */
import { hashOf, hashText } from './signature';

/** A shader that the device has not compiled. */
export class DeferredModule {
  readonly descriptor: GPUShaderModuleDescriptor;

  constructor(descriptor: GPUShaderModuleDescriptor) {
    this.descriptor = descriptor;
  }
}

export class DeferredPipeline {
  readonly name: string;
  readonly hash: string;
  /** The backend's cache entry for the compiled pipeline. */
  cache: { get(): GPUComputePipeline | undefined; set(pipeline: GPUComputePipeline): void } | null = null;
  private readonly descriptor: GPUComputePipelineDescriptor;
  private readonly module: DeferredModule;
  private compiled: GPUComputePipeline | null = null;

  constructor(descriptor: GPUComputePipelineDescriptor) {
    this.descriptor = descriptor;
    this.module = descriptor.compute.module as unknown as DeferredModule;
    this.name = descriptor.label ?? 'a kernel';
    this.hash = hashOf(hashText(this.module.descriptor.code));
  }

  /** Called by the backend while recording, to make a bind group. */
  getBindGroupLayout(group: number): DeferredLayout {
    return new DeferredLayout(this, group);
  }

  get isReady(): boolean {
    if (this.compiled) return true;
    this.compiled = this.cache?.get() ?? null;
    if (this.compiled) knownHashes.set(this.compiled, this.hash);
    return this.compiled !== null;
  }

  /** The pipeline, compiled synchronously if it is not ready; this blocks the worker. */
  resolve(device: GPUDevice): GPUComputePipeline {
    if (!this.isReady) this.take(device.createComputePipeline(this.realDescriptor(device)));
    return this.compiled!;
  }

  /** Compiles in the background. */
  async prepare(device: GPUDevice): Promise<void> {
    if (this.isReady) return;
    const pipeline = await device.createComputePipelineAsync(this.realDescriptor(device));
    // It may have been compiled meanwhile; the cache's pipeline is used then.
    if (!this.isReady) this.take(pipeline);
  }

  private take(pipeline: GPUComputePipeline): void {
    this.compiled = pipeline;
    knownHashes.set(pipeline, this.hash);
    this.cache?.set(pipeline);
  }

  private realDescriptor(device: GPUDevice): GPUComputePipelineDescriptor {
    const module = device.createShaderModule(this.module.descriptor);
    return { ...this.descriptor, compute: { ...this.descriptor.compute, module } };
  }
}

/** The layout that the pipeline will derive from its shader. */
export class DeferredLayout {
  readonly pipeline: DeferredPipeline;
  readonly group: number;

  constructor(pipeline: DeferredPipeline, group: number) {
    this.pipeline = pipeline;
    this.group = group;
  }
}

export class DeferredBindGroup {
  private readonly descriptor: GPUBindGroupDescriptor;

  constructor(descriptor: GPUBindGroupDescriptor) {
    this.descriptor = descriptor;
  }

  resolve(device: GPUDevice): GPUBindGroup {
    const { pipeline, group } = this.descriptor.layout as unknown as DeferredLayout;
    const layout = pipeline.resolve(device).getBindGroupLayout(group);
    return device.createBindGroup({ ...this.descriptor, layout });
  }
}

/** Shader hashes of pipelines that were once deferred, so that two recordings can be compared. */
const knownHashes = new WeakMap<GPUComputePipeline, string>();
let unknown = 0;

/** The hash of a pipeline's shader, equal whether it was compiled before or after a graph was recorded. */
export function pipelineHash(pipeline: GPUComputePipeline | DeferredPipeline): string {
  if (pipeline instanceof DeferredPipeline) return pipeline.hash;
  let hash = knownHashes.get(pipeline);
  if (hash === undefined) knownHashes.set(pipeline, (hash = `compiled ${++unknown}`));
  return hash;
}
