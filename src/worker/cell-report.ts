/**
 * What the page hears of a cell of an experiment. Its events stay in the worker, which has a record of them: the page has a
 * core for all workers together, and would need a tenth of what each of them does to take up the events of its cells.
 */
import type { RunRecord } from '../record/run-record';
import type { RunEvent } from '../training/events';
import { metricsFile, outcomeOf } from './cell-run';
import type { CellOrder, TrainingEvent } from './training-protocol';

/** Milliseconds between two reports of one phase. */
const interval = 250;

export class CellReport {
  private told: { phase: string; at: number } | null = null;
  /** The last sentence on what went wrong. */
  private failure = 'The run ended without a result.';

  /** @param record of the run's events so far */
  constructor(
    private readonly record: RunRecord,
    private readonly order: CellOrder,
    private readonly post: (event: TrainingEvent, transfer?: Transferable[]) => void,
  ) {}

  /** Tells where a cell that goes on stands. */
  begin(): void {
    this.told = null;
    this.tell();
  }

  /** @param isRecorded whether they are in the record already */
  take(events: readonly RunEvent[], isRecorded: boolean): void {
    if (!isRecorded) this.record.take(events);
    for (const event of events) {
      if (event.type === 'failed') this.failure = event.message;
      if (event.type === 'warning') this.failure = event.text;
    }
    this.tell();
  }

  /** Tells what came of it. */
  end(): void {
    const { id: run, outcome } = this.record;
    if (!outcome || this.record.failure)
      return this.post({ type: 'cell', run, end: { failure: this.failure } });
    const { label } = this.order;
    const metrics = label && metricsFile(this.record, label);
    const end = { outcome: outcomeOf(this.record), metrics };
    this.post({ type: 'cell', run, end }, metrics ? [metrics.buffer] : []);
  }

  private tell(): void {
    const { id: run, facts, phase, progress, steps } = this.record;
    if (!facts) return;
    const now = performance.now();
    if (this.told?.phase === phase && now - this.told.at < interval) return;
    this.told = { phase, at: now };
    this.post({ type: 'progress', run, phase, ...progress, step: steps.student.steps.at(-1) ?? 0 });
  }
}
