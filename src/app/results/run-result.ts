import { hintNames } from '../recipe/edits';
import type { RunRecord } from '../../record/run-record';
import { pairedMargin } from './margin';
import type { RunResult } from './verdict';

/** What the verdict needs of a run that has ended, or null before. */
export function runResult(history: RunRecord): RunResult | null {
  const { outcome, facts, recipe } = history;
  if (!outcome || !facts) return null;
  const names = hintNames(recipe);
  const weights = history.hintKeys.flatMap((key, index) => {
    const values = history.snapshots.newest(`weight:${key}`);
    return values && values.length > 0 ? [{ name: names[index] ?? key, median: median(values) }] : [];
  });
  const { final, perClass, secondDomain, stopped, step } = outcome;
  return {
    ...{ recipe, facts, final, perClass, stopped, step, weights },
    ...(secondDomain ? { secondDomain: secondDomain[history.task.scores[0].id] ?? {} } : {}),
    ...(facts.targets ? { margin: (first, second) => pairedMargin(history, first, second) } : {}),
  };
}

function median(values: Float32Array): number {
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)]!;
}
