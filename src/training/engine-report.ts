/** Emits how the steps of a phase run, whenever that changes. */
import type { Phase, RunEvent } from './events';
import type { Stepper } from './stepper';

export class EngineReport {
  /** Sentences that stay the same: where batches are assembled, whether teacher traces are cached. */
  readonly notes: string[] = [];
  private readonly phase: Phase;
  private reported = '';
  private warned = false;

  constructor(phase: Phase) {
    this.phase = phase;
  }

  /** Events after a step; empty when nothing has changed. */
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
