import { defaultRecipe } from '../../../src/distill/recipe';
import { RunRecord } from '../../../src/record/run-record';
import { summaryOf, type RunSummary } from '../../../src/record/summary';
import type { RunEvent } from '../../../src/training/events';

/** The summary that a journal stores for a run with these events. */
export function summaryAfter(events: readonly RunEvent[]): RunSummary {
  const record = new RunRecord('run', defaultRecipe());
  record.take(events);
  return summaryOf(record);
}
