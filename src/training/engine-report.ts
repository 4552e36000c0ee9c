/** Tells the page how the steps of a phase are carried out, whenever that has changed. */
import type { Phase, RunEvent } from './events';
import type { StepperFacts } from './stepper';

export class EngineReport {
  /** Sentences about what does not change: where batches are put together, whether the teacher is asked anew. */
  readonly notes: string[] = [];
  private readonly phase: Phase;
  private told = '';

  constructor(phase: Phase) {
    this.phase = phase;
  }

  /** After a step. */
  news(step: number, facts: StepperFacts): RunEvent[] {
    const engine = { ...facts, notes: this.notes };
    const telling = JSON.stringify(engine);
    if (telling === this.told) return [];
    this.told = telling;
    return [{ type: 'engine', phase: this.phase, step, engine }];
  }
}
