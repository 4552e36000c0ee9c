/** Which measured images stand behind a cell of a confusion matrix. */
import type { RunRecord } from '../../record/run-record';
import type { Learner, MeasuredSamples } from '../../training/events';

export interface ConfusionCell {
  learner: Learner;
  /** True class. */
  row: number;
  /** Predicted class. */
  column: number;
}

/** Places among the measured samples whose true and predicted class are those of the cell, in their order. */
export function placesIn(
  { labels, predicted }: MeasuredSamples,
  { learner, row, column }: ConfusionCell,
): number[] {
  const given = predicted[learner];
  if (!given) return [];
  return Array.from(labels.keys()).filter((place) => labels[place] === row && given[place] === column);
}

/** The number of a measured sample among all images of its set: those for training, then those for the test. */
export function imageNumber(
  { rows, split }: NonNullable<RunRecord['samples']>,
  place: number,
  { train }: { train: { count: number } },
): number {
  return split === 'test' ? train.count + rows[place]! : rows[place]!;
}

/** The nearest cell that has images, in a direction; null where there is none. */
export function cellBeside(
  counts: readonly number[],
  size: number,
  { row, column }: Pick<ConfusionCell, 'row' | 'column'>,
  [down, right]: readonly [number, number],
): Pick<ConfusionCell, 'row' | 'column'> | null {
  for (
    let [y, x] = [row + down, column + right];
    y >= 0 && y < size && x >= 0 && x < size;
    y += down, x += right
  )
    if (counts[y * size + x]! > 0) return { row: y, column: x };
  return null;
}
