/** How large a difference of two learners must be to be more than noise, from what was measured one by one. */
import type { RunRecord } from '../../record/run-record';
import type { Learner } from '../../training/events';

/**
 * Half of the 95 % interval of the difference of two learners' first scores: over the measured instances for errors of
 * numbers (paired differences of absolute errors), over the labels for scores of labels. Null where there are fewer than
 * three, or the run says nothing of single ones.
 */
export function pairedMargin(
  history: Pick<RunRecord, 'answers' | 'facts' | 'task' | 'outcome'>,
  first: Learner,
  second: Learner,
): number | null {
  const { task, outcome } = history;
  if (task.id === 'regression') {
    const [a, b] = [absoluteErrors(history, first), absoluteErrors(history, second)];
    return a && b ? halfInterval(a.map((value, i) => value - b[i]!)) : null;
  }
  const of = outcome?.perTarget?.[task.scores[0].id];
  const [a, b] = [of?.[first], of?.[second]];
  if (!a || !b) return null;
  return halfInterval(a.map((value, i) => value - b[i]!).filter(Number.isFinite));
}

/** Per measured instance, as the score counts them: of several numbers in deviations of each. */
function absoluteErrors(
  { answers, facts }: Pick<RunRecord, 'answers' | 'facts'>,
  learner: Learner,
): number[] | null {
  const given = answers?.answered[learner];
  if (!answers || !given) return null;
  const width = facts?.targets?.names.length ?? 1;
  const units = width === 1 ? [1] : deviations(answers.targets, width);
  return Array.from(answers.rows, (_, row) => {
    let sum = 0;
    for (let t = 0; t < width; t += 1)
      sum += Math.abs(given[row * width + t]! - answers.targets[row * width + t]!) / units[t]!;
    return sum / width;
  });
}

function deviations(values: Float32Array, width: number): number[] {
  return Array.from({ length: width }, (_, t) => {
    const column = Array.from(values).filter((__, i) => i % width === t);
    return deviationOf(column) || 1;
  });
}

/** Two standard errors of the mean. */
function halfInterval(differences: readonly number[]): number | null {
  if (differences.length < 3) return null;
  return 2 * (deviationOf(differences) / Math.sqrt(differences.length));
}

function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1),
  );
}
