import type { InstanceSnapshot, TrackedSamples } from '../../training/events';
import type { SampleFilter } from '../store/view/view-store';

/** Class with the highest probability for tracked sample `row`, or null when this learner has no answer. */
export function predictedClass(
  probabilities: number[] | undefined,
  row: number,
  classes: number,
): number | null {
  if (!probabilities) return null;
  let best = 0;
  for (let place = 1; place < classes; place += 1)
    if (probabilities[row * classes + place]! > probabilities[row * classes + best]!) best = place;
  return best;
}

/** Rows of the watched set that pass a filter, in the set's order. */
export function filteredRows(
  watched: TrackedSamples | null,
  snapshot: InstanceSnapshot | null,
  classes: number,
  filter: SampleFilter,
): number[] {
  if (!watched) return [];
  const rows = watched.images.map((_, row) => row);
  if (filter === 'all') return rows;
  return rows.filter((row) => {
    const { trueLabel, givenLabel } = watched.images[row]!;
    if (filter === 'no-label') return givenLabel < 0;
    if (filter === 'wrong-label') return givenLabel >= 0 && givenLabel !== trueLabel;
    const teacher = predictedClass(snapshot?.probabilities.teacher, row, classes);
    const student = predictedClass(snapshot?.probabilities.student, row, classes);
    if (teacher === null || student === null) return false;
    return filter === 'teacher-only'
      ? teacher === trueLabel && student !== trueLabel
      : teacher !== trueLabel && student === trueLabel;
  });
}
