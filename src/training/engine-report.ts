/** Tells the page how the steps of a phase are carried out, whenever that has changed. */
import type { Phase, RunEvent } from './events';
import type { Stepper } from './stepper';

export class EngineReport {
  /** Sentences about what does not change: where batches are put together, whether the teacher is asked anew. */
  readonly notes: string[] = [];
  private readonly phase: Phase;
  private reported = '';
  private warned = false;

  constructor(phase: Phase) {
    this.phase = phase;
  }

  /** After a step. */
  news(step: number, { facts, warning }: Pick<Stepper, 'facts' | 'warning'>): RunEvent[] {
    const engine = { ...facts, notes: this.notes };
    const telling = JSON.stringify(engine);
    if (telling === this.reported) return [];
    this.reported = telling;
    const warns = warning !== null && !this.warned;
    this.warned ||= warns;
    return [
      { type: 'engine', phase: this.phase, step, engine },
      ...(warns ? [{ type: 'warning' as const, step, text: warning }] : []),
    ];
  }
}
