/**
 * Runs a step: op by op, or recorded once and replayed where the backend can. A recorded step holds every JavaScript
 * number as a constant; what differs from step to step must come in live tensors, and a turned knob asks for a new
 * recording.
 */
import {
  CannotCapture,
  captureAvailability,
  captureStep,
  compilesKernels,
  recordsSteps,
  type LiveTensor,
  type RecordedStep,
} from '../engine/capture/capture';
import { OutOfMemory, withinMemory } from '../engine/device-care';
import { tf } from '../engine/tf';
import type { RunEvent } from './events';
import type { StepMetrics } from './step-metrics';
import { sentenceOf } from '../limits/texts';

export type StepValues = Record<string, tf.Scalar>;

/** A step of several kinds (with and without HKD's meta step), each recorded separately. */
export interface SteppableStep {
  /** Named scalars, in the caller's tidy. All state exists before: a recording must not make any. */
  compute: (kind: string) => StepValues;
  /** Everything that is written between steps; asked for when a kind is recorded. */
  inputs: () => LiveTensor[];
  /**
   * Computations between steps (evaluations), each in the caller's tidy. They are never replayed; their kernels are compiled
   * with those of the first steps.
   */
  besides?: () => readonly (() => Record<string, tf.Tensor>)[];
}

/** How the steps of a phase run, for the page. */
export interface StepperFacts {
  recorded: boolean;
  /** A sentence that says why (not). */
  why: string;
  /** Compute dispatches of the step that was run last; null where it runs op by op. */
  dispatches: number | null;
  /** Memory of the recordings on the device. */
  bytes: number;
  /** Kernels that the recordings use. */
  kernels: number;
}

/** Progress goes to the page at most this often, in milliseconds. */
const progressInterval = 100;

export class Stepper {
  /** Why steps are not recorded, once that is known; null while they are or may be. */
  reason: string | null = null;
  /** The same where they should be: a step that cannot be recorded is slower than it need be. */
  warning: string | null = null;
  private readonly step: SteppableStep;
  private readonly metrics: StepMetrics;
  private readonly graphs = new Map<string, RecordedStep>();
  /** Recordings that may hold a number that has changed. */
  private readonly stale = new Set<string>();
  private available: boolean | null;
  private last: RecordedStep | null = null;
  private besidesCompiled = false;

  /** @param unrecorded why every step is to run op by op, a sentence; null: steps are recorded */
  constructor(step: SteppableStep, meter: StepMetrics, unrecorded: string | null = null) {
    this.step = step;
    this.metrics = meter;
    this.available = unrecorded === null ? null : false;
    this.reason = unrecorded;
  }

  /**
   * Makes kinds of steps ready to run: records what is not recorded or no longer holds, and compiles their kernels in
   * the background. Tells how far it is; when a stop is requested meanwhile, nothing more is compiled.
   */
  async *ready(
    kinds: readonly string[],
    stopRequested = () => false,
  ): AsyncGenerator<RunEvent[], void, undefined> {
    const missing = kinds.filter((kind) => !this.graphs.has(kind) || this.stale.has(kind));
    if (missing.length === 0 || !(await this.canRecord())) return;
    try {
      for (const kind of missing) await this.record(kind);
      yield* this.compile([...this.graphs.values(), ...(await this.rehearse())], stopRequested);
    } catch (error) {
      // If the step cannot be recorded (an op that reads numbers, a kernel that does not compile), it still runs op by op;
      // an error of the step itself, or a lost device, shows there.
      this.drop();
      if (error instanceof OutOfMemory) throw error;
      const why = sentenceOf(error);
      this.reason = `This recipe’s step cannot be recorded (${why}), so it runs op by op, which is slower.`;
      this.warning = this.reason;
    }
  }

  /** One step of a kind; its values go to the step metrics. Without `ready` before, it blocks to compile. */
  async run(kind: string, index: number, learningRate: number): Promise<void> {
    await this.readySilently(kind);
    const graph = this.graphs.get(kind);
    this.last = graph ?? null;
    if (!graph) {
      tf.tidy(() => this.metrics.record(index, learningRate, this.step.compute(kind)));
      return;
    }
    // More than a few steps under way make the adapter slower, not faster.
    await graph.room();
    const numbers = graph.replay();
    if (numbers) this.metrics.expect(index, learningRate, numbers);
  }

  /** Runs a kind of step once, without its values. */
  async once(kind: string): Promise<void> {
    await this.readySilently(kind);
    const graph = this.graphs.get(kind);
    if (!graph) {
      tf.tidy(() => void this.step.compute(kind));
      return;
    }
    await graph.room();
    await graph.replay();
    this.graphs.delete(kind);
    graph.dispose();
  }

  /** A number that recordings hold may have changed: they are compared with new ones before the next step. */
  invalidate(): void {
    for (const kind of this.graphs.keys()) this.stale.add(kind);
  }

  get facts(): StepperFacts {
    const graphs = [...this.graphs.values()];
    const recorded = this.last !== null;
    return {
      recorded,
      why: recorded
        ? 'Each training step is recorded once and replayed.'
        : (this.reason ?? 'No step has been taken yet.'),
      dispatches: this.last?.dispatches ?? null,
      bytes: graphs.reduce((sum, { bytes }) => sum + bytes, 0),
      kernels: new Set(graphs.flatMap((graph) => [...graph.shaders])).size,
    };
  }

  /** Constants of the recordings that look like mistakes, with the kind of step. */
  get suspects(): string[] {
    return [...this.graphs].flatMap(([kind, { suspects }]) =>
      suspects.map(({ shape, origin }) => `${kind}: [${shape.join()}] ${origin}`),
    );
  }

  dispose(): void {
    this.drop();
  }

  /** `ready` without progress events; does nothing after `ready`. */
  private async readySilently(kind: string): Promise<void> {
    const work = this.ready([kind]);
    while (!(await work.next()).done);
  }

  /** Keeps the old recording if the new one does the same. */
  private async record(kind: string): Promise<void> {
    const graph = await withinMemory(
      () => captureStep(() => this.step.compute(kind), { inputs: this.step.inputs() }),
      (made) => made.dispose(),
    );
    const old = this.graphs.get(kind);
    this.stale.delete(kind);
    if (old?.sameAs(graph)) return graph.dispose();
    old?.dispose();
    this.graphs.set(kind, graph);
  }

  /** Recordings of the computations between steps, for their kernels; their memory is freed. */
  private async rehearse(): Promise<RecordedStep[]> {
    if (this.besidesCompiled || !compilesKernels()) return [];
    this.besidesCompiled = true;
    const graphs: RecordedStep[] = [];
    for (const compute of this.step.besides?.() ?? []) {
      try {
        const graph = await withinMemory(
          () => captureStep(compute, { inputs: [] }),
          (made) => made.dispose(),
        );
        graph.dispose();
        graphs.push(graph);
      } catch (error) {
        // A computation that reads numbers is compiled when it runs.
        if (!(error instanceof CannotCapture)) throw error;
      }
    }
    return graphs;
  }

  private async *compile(
    graphs: readonly RecordedStep[],
    stopRequested: () => boolean,
  ): AsyncGenerator<RunEvent[], void, undefined> {
    const waiting = () => new Set(graphs.flatMap((graph) => graph.uncompiledShaders)).size;
    const of = waiting();
    if (of === 0) return;
    const stop = new AbortController();
    try {
      for (const graph of graphs) {
        const steps = new Milestones();
        const work = graph.prepare(() => steps.reached(), stop.signal);
        work.then(
          () => steps.end(),
          () => steps.end(),
        );
        let told = -Infinity;
        while (await steps.next()) {
          if (performance.now() - told < progressInterval) continue;
          told = performance.now();
          yield [this.compiling(of - waiting(), of)];
          if (stopRequested()) return;
        }
        await work;
      }
      yield [this.compiling(of, of)];
    } finally {
      stop.abort();
    }
  }

  private compiling(done: number, of: number): RunEvent {
    const text = `Compiling kernels for the graphics card: ${done} of ${of}.`;
    return { type: 'progress', phase: this.metrics.phase, text, share: done / of };
  }

  private drop(): void {
    for (const graph of this.graphs.values()) graph.dispose();
    this.graphs.clear();
    this.stale.clear();
    this.last = null;
  }

  private async canRecord(): Promise<boolean> {
    if (this.reason !== null) return false;
    this.available ??= await this.askAvailability();
    return this.available;
  }

  private async askAvailability(): Promise<boolean> {
    if (!recordsSteps()) {
      this.reason = 'Only WebGPU and WebAssembly record steps; on this device each one is worked out anew.';
      return false;
    }
    const { available, why } = await captureAvailability();
    if (!available) this.warning = this.reason = why;
    return available;
  }
}

/** Lets an async generator follow callbacks. */
class Milestones {
  private pending = false;
  private ended = false;
  private wake: () => void = () => undefined;

  reached(): void {
    this.pending = true;
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  /** True at the next milestone, false at the end. */
  async next(): Promise<boolean> {
    if (!this.pending && !this.ended) await new Promise<void>((resolve) => (this.wake = resolve));
    const reached = this.pending;
    this.pending = false;
    return reached || !this.ended;
  }
}
