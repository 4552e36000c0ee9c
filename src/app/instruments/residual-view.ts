/** Numbers answered beside the true ones, at the last measurement. */
import type { RunRecord } from '../../record/run-record';
import type { Learner } from '../../training/events';
import { linearScale, type Scale } from './plot/scale';

/** Drawn in this order: the student lies on top. */
const order: readonly Learner[] = ['teacher', 'control', 'hard', 'full', 'rounded', 'student'];

export interface ResidualView {
  learners: Learner[];
  truth: Float32Array;
  /** [N] per learner: answers, or answers minus truth */
  values: Partial<Record<Learner, Float32Array>>;
  across: Scale;
  up: Scale;
}

/**
 * @param target which of the numbers
 * @param residuals whether the true number is subtracted
 * @returns null before the first evaluation
 */
export function residualView(
  { answers, facts }: Pick<RunRecord, 'answers' | 'facts'>,
  target: number,
  residuals: boolean,
): ResidualView | null {
  if (!answers) return null;
  const width = facts?.targets?.names.length ?? 1;
  const column = (all: Float32Array) =>
    Float32Array.from({ length: answers.rows.length }, (_, row) => all[row * width + target]!);
  const truth = column(answers.targets);
  const learners = order.filter((learner) => answers.answered[learner]);
  const values = Object.fromEntries(
    learners.map((learner) => {
      const given = column(answers.answered[learner]!);
      return [learner, residuals ? given.map((value, row) => value - truth[row]!) : given];
    }),
  ) as ResidualView['values'];
  const [low, high] = rangeOf([truth]);
  const across = linearScale(low, high);
  const drawn = rangeOf(learners.map((learner) => values[learner]!));
  const largest = Math.max(Math.abs(drawn[0]), Math.abs(drawn[1]));
  const up = residuals
    ? linearScale(-largest, largest)
    : linearScale(Math.min(low, drawn[0]), Math.max(high, drawn[1]));
  return { learners, truth, values, across, up };
}

/** Students of several runs on the same scales, all networks of one alone; null for runs without such numbers. */
export function residualViews(
  histories: readonly RunRecord[],
  target: number,
  residuals: boolean,
): (ResidualView | null)[] {
  const views = histories.map((history) => residualView(history, target, residuals));
  const known = views.filter((view) => view !== null);
  if (histories.length < 2 || known.length === 0) return views;
  const joined = (scales: readonly Scale[]) =>
    linearScale(
      Math.min(...scales.map(({ domain }) => domain[0])),
      Math.max(...scales.map(({ domain }) => domain[1])),
    );
  const [across, up] = [joined(known.map((view) => view.across)), joined(known.map((view) => view.up))];
  return views.map((view) => view && { ...view, learners: ['student'], across, up });
}

function rangeOf(lists: readonly Float32Array[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const values of lists)
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  return low <= high ? [low, high] : [0, 1];
}

/** Mean absolute error and mean error (bias) of a learner. */
export function errorsOf(truth: Float32Array, answered: Float32Array): { mean: number; bias: number } {
  let [sum, signed] = [0, 0];
  for (const [row, value] of answered.entries()) {
    sum += Math.abs(value - truth[row]!);
    signed += value - truth[row]!;
  }
  const count = Math.max(1, answered.length);
  return { mean: sum / count, bias: signed / count };
}
