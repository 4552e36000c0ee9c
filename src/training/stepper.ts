/**
 * Runs a step: op by op, or recorded once and replayed where the backend can. A recorded step holds every JavaScript
 * number as a constant; what differs from step to step must come in live tensors, and a turned knob asks for a new
 * recording.
 */
import { captureAvailability, captureStep, type LiveTensor, type StepGraph } from '../engine/capture/capture';
import { canUpdateInPlace } from '../engine/in-place';
import { tf } from '../engine/tf';
import type { Meter } from './meter';

export type StepValues = Record<string, tf.Scalar>;

/** A step that comes in kinds (with and without HKD's meta step), each recorded on its own. */
export interface SteppableStep {
  /** Named scalars, in the caller's tidy. */
  compute: (kind: string) => StepValues;
  /** Everything that is written between steps; asked for when a kind is recorded. */
  inputs: () => LiveTensor[];
}

export class Stepper {
  /** Why steps are not recorded, once that is known; null while they are or may be. */
  reason: string | null = null;
  private readonly step: SteppableStep;
  private readonly meter: Meter;
  private readonly graphs = new Map<string, StepGraph>();
  /** The first step of a kind runs op by op: what is made lazily must exist before a recording. */
  private readonly warm = new Set<string>();
  private available: boolean | null = null;

  constructor(step: SteppableStep, meter: Meter) {
    this.step = step;
    this.meter = meter;
  }

  /** One step of a kind; its values go to the meter. */
  async run(kind: string, index: number, learningRate: number): Promise<void> {
    const graph = this.graphs.get(kind) ?? (this.warm.has(kind) ? await this.record(kind) : null);
    if (graph) {
      // More than a few steps under way make the adapter slower, not faster.
      await graph.room();
      const numbers = graph.replay();
      if (numbers) this.meter.expect(index, learningRate, numbers);
      return;
    }
    this.warm.add(kind);
    tf.tidy(() => this.meter.record(index, learningRate, this.step.compute(kind)));
  }

  /** Recordings are void: a number that they hold has changed. */
  invalidate(): void {
    for (const graph of this.graphs.values()) graph.dispose();
    this.graphs.clear();
  }

  dispose(): void {
    this.invalidate();
  }

  private async record(kind: string): Promise<StepGraph | null> {
    if (!canUpdateInPlace() || this.reason) return null;
    this.available ??= await this.askAvailability();
    if (!this.available) return null;
    let graph: StepGraph | null = null;
    try {
      graph = captureStep(() => this.step.compute(kind), { inputs: this.step.inputs() });
      await graph.prepare();
      this.graphs.set(kind, graph);
      return graph;
    } catch (error) {
      // Whatever stands in the way of a recording (an op that reads, a kernel that a driver does not compile), the
      // step itself still runs; a fault of its own, or a lost device, shows there.
      graph?.dispose();
      const why = error instanceof Error ? error.message : String(error);
      this.reason = `This recipe’s step cannot be recorded (${why}), so it runs op by op, which is slower.`;
      return null;
    }
  }

  private async askAvailability(): Promise<boolean> {
    const { available, why } = await captureAvailability();
    if (!available) this.reason = why;
    return available;
  }
}
