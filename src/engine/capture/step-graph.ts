/** A recorded step that can be replayed. */
import { flush, unpinData } from './internals';
import { releaseBindings } from './bindings';
import { DeferredBindGroup, DeferredPipeline, pipelineHash } from './deferred';
import type { Outputs, RecordedStep } from './recorded-step';
import type { Copy } from './recording';
import { StagingRing } from './staging';
import type { Suspect, Trace } from './trace';
import { sentenceOf } from '../../limits/texts';

/** Maximum number of submitted steps that are not done. More do not make the adapter faster, and delay a stop. */
const mostInFlight = 3;

/** Concurrent compilations; cancelling waits for them. */
const compilersAtOnce = 4;

export interface Progress {
  /** Pipelines compiled by this call. */
  done: number;
  of: number;
}

type ReadyOp =
  | Copy
  | { pipeline: GPUComputePipeline; bindGroup: GPUBindGroup; workgroups: readonly [number, number, number] };

export class StepGraph implements RecordedStep {
  /** Compute dispatches of one replay. */
  readonly dispatches: number;
  /** Buffer copies of one replay, including those of the outputs. */
  readonly copies: number;
  /** GPU memory that the graph holds for itself. */
  readonly bytes: number;
  /** Constants that may be mistakes, because they are the same in every replay. */
  readonly suspects: readonly Suspect[];
  private readonly trace: Trace;
  private readonly ring: StagingRing;
  private readonly inFlight = new Set<Promise<unknown>>();
  private ready: ReadyOp[] | null = null;
  private isDisposed = false;

  constructor(trace: Trace) {
    const { recording, outputs, assignments, arena, suspects, backend } = trace;
    this.trace = trace;
    this.dispatches = recording.ops.filter((op) => 'pipeline' in op).length;
    this.copies = recording.ops.length - this.dispatches + outputs.length + assignments.length;
    this.bytes = arena.bytes;
    this.suspects = suspects;
    this.ring = new StagingRing(
      backend.device,
      outputs.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }

  /** Number of pipelines that are not compiled yet. */
  get uncompiled(): number {
    return this.uncompiledShaders.length;
  }

  /** Names of these pipelines, equal in every graph. */
  get uncompiledShaders(): string[] {
    return this.trace.recording.pipelines.flatMap((pipeline) => (pipeline.isReady ? [] : pipeline.hash));
  }

  /** Names of all pipelines that it runs. */
  get shaders(): ReadonlySet<string> {
    return new Set(
      this.trace.recording.ops.flatMap((op) => ('pipeline' in op ? pipelineHash(op.pipeline) : [])),
    );
  }

  /**
   * Compiles the remaining pipelines in the background. Otherwise the first replay compiles them and blocks.
   * @throws Error naming the kernel that does not compile, or the signal's reason
   */
  async prepare(onProgress?: (progress: Progress) => void, signal?: AbortSignal): Promise<void> {
    const { device } = this.trace.backend;
    const waiting = this.trace.recording.pipelines.filter(({ isReady }) => !isReady);
    const progress = { done: 0, of: waiting.length };
    const queue = waiting.values();
    const compile = async () => {
      for (const pipeline of queue) {
        signal?.throwIfAborted();
        try {
          await pipeline.prepare(device);
        } catch (error) {
          const why = sentenceOf(error);
          throw new Error(`WebGPU could not compile ${pipeline.name}: ${why}`, { cause: error });
        }
        progress.done++;
        onProgress?.({ ...progress });
      }
    };
    await Promise.all(Array.from({ length: compilersAtOnce }, compile));
    // The graph may have been disposed meanwhile.
    if (!this.isDisposed) this.ready ??= this.resolve();
  }

  /** Resolves when another step may be submitted; await it before each replay. */
  async room(): Promise<void> {
    while (this.inFlight.size >= mostInFlight) await Promise.race(this.inFlight);
  }

  /**
   * Runs the step on the current contents of live tensors and variables. The promise gives the outputs' numbers and
   * rejects when the device is lost. Null means that four earlier steps are still being read back, so that this
   * step's outputs are not read (the step itself runs).
   */
  replay(): Promise<Outputs> | null {
    const { backend, bindings, outputs, assignments } = this.trace;
    if (this.isDisposed) throw new Error('This recorded step was disposed.');
    if (backend.isLost) return Promise.reject(lost());
    this.ready ??= this.resolve();
    for (const binding of bindings) binding.settle();
    flush(backend);

    const encoder = backend.device.createCommandEncoder();
    encode(encoder, this.ready);
    const staging = this.ring.take();
    if (staging) {
      let at = 0;
      for (const { buffer, bytes } of outputs) {
        encoder.copyBufferToBuffer(buffer, 0, staging, at, bytes);
        at += bytes;
      }
    }
    encode(encoder, assignments);
    backend.queue.submit([encoder.finish()]);
    this.forgetValues();

    if (!staging) {
      this.follow(backend.queue.onSubmittedWorkDone());
      return null;
    }
    const numbers = this.read(staging);
    this.follow(numbers);
    return numbers;
  }

  /** Whether another recording does the same to the same tensors, with equal constants. */
  sameAs(other: RecordedStep): boolean {
    return (
      other instanceof StepGraph &&
      this.trace.backend === other.trace.backend &&
      this.trace.recording.signature.equals(other.trace.recording.signature)
    );
  }

  /** Frees all memory. Reads under way complete; tensors that the step kept become invalid. */
  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    const { backend, bindings, pinned, arena } = this.trace;
    releaseBindings(backend, bindings);
    for (const id of pinned) unpinData(backend, id);
    arena.destroy();
    this.ring.destroy();
    this.ready = null;
  }

  private resolve(): ReadyOp[] {
    const { device } = this.trace.backend;
    return this.trace.recording.ops.map((op) => {
      if (!('pipeline' in op)) return op;
      const { pipeline, bindGroup, workgroups } = op;
      return {
        pipeline: pipeline instanceof DeferredPipeline ? pipeline.resolve(device) : pipeline,
        bindGroup: bindGroup instanceof DeferredBindGroup ? bindGroup.resolve(device) : bindGroup,
        workgroups,
      };
    });
  }

  private async read(staging: GPUBuffer): Promise<Outputs> {
    let content: ArrayBuffer;
    try {
      content = await this.ring.read(staging);
    } catch (error) {
      throw lost(error);
    }
    let at = 0;
    const entries = this.trace.outputs.map(({ name, bytes, whole }) => {
      const numbers = whole
        ? Float32Array.from(new Int32Array(content, at, bytes / 4))
        : new Float32Array(content, at, bytes / 4);
      at += bytes;
      return [name, numbers] as const;
    });
    return Object.fromEntries(entries);
  }

  /** Counts a step as in flight until it succeeds or fails. */
  private follow(done: Promise<unknown>): void {
    const settled = done
      .catch(() => undefined)
      .then(() => {
        this.inFlight.delete(settled);
      });
    this.inFlight.add(settled);
  }

  private forgetValues(): void {
    const { backend, bindings, pinned } = this.trace;
    for (const binding of bindings) binding.forgetValues();
    for (const id of pinned) {
      const data = backend.tensorMap.get(id);
      if (data.resource) data.values = null;
    }
  }
}

function encode(encoder: GPUCommandEncoder, ops: readonly ReadyOp[]): void {
  let pass: GPUComputePassEncoder | null = null;
  for (const op of ops) {
    if ('pipeline' in op) {
      pass ??= encoder.beginComputePass();
      pass.setPipeline(op.pipeline);
      pass.setBindGroup(0, op.bindGroup);
      pass.dispatchWorkgroups(...op.workgroups);
    } else {
      pass?.end();
      pass = null;
      encoder.copyBufferToBuffer(op.source, op.sourceOffset, op.target, op.targetOffset, op.bytes);
    }
  }
  pass?.end();
}

function lost(cause?: unknown): Error {
  return new Error('The graphics device was lost, and the recorded step with it.', { cause });
}
