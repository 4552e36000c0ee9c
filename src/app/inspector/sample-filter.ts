import type { RunRecord } from '../../record/run-record';
import type { InstanceSnapshot, Learner } from '../../training/events';
import { columnScale } from '../subject/row-picture';
import { labelState, targetAt } from './describe-sample';
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

type Filtered = Pick<RunRecord, 'tracked' | 'facts' | 'task'>;

/** Rows of the tracked set that pass a filter, in the set's order. */
export function filteredRows(
  history: Filtered,
  snapshot: InstanceSnapshot | null,
  filter: SampleFilter,
): number[] {
  const { tracked } = history;
  if (!tracked) return [];
  const rows = tracked.images.map((_, row) => row);
  if (filter === 'all') return rows;
  return rows.filter((row) => {
    if (filter === 'no-label') return labelState(history, row) === 'none';
    if (filter === 'wrong-label') return labelState(history, row) === 'wrong';
    const [teacher, student] = (['teacher', 'student'] as const).map((learner) =>
      errorOf(history, snapshot, row, learner),
    );
    if (teacher === null || student === null) return false;
    return filter === 'teacher-only' ? teacher! < student! : student! < teacher!;
  });
}

/**
 * How wrong a learner is about a tracked sample: 1 or 0 for a class, the number of wrong labels, or the mean absolute
 * error of its numbers in deviations of each over the tracked samples. Null where it was not measured.
 */
export function errorOf(
  history: Filtered,
  snapshot: InstanceSnapshot | null,
  row: number,
  learner: Learner,
): number | null {
  const { tracked, facts, task } = history;
  if (!tracked?.targets) {
    const predicted = predictedClass(
      snapshot?.probabilities[learner],
      row,
      facts?.dataset.classes.length ?? 0,
    );
    return predicted === null ? null : Number(predicted !== tracked?.images[row]?.trueLabel);
  }
  const answers = snapshot?.answers?.[learner];
  if (!answers) return null;
  const truth = targetAt(history, row, 'truth');
  const width = truth.length;
  const answer = answers.slice(row * width, (row + 1) * width);
  if (task.id === 'multilabel') return answer.filter((value, t) => Number(value > 0.5) !== truth[t]).length;
  const { deviation } = columnScale(tracked.targets.truth, width);
  return answer.reduce((sum, value, t) => sum + Math.abs(value - truth[t]!) / deviation[t]!, 0) / width;
}
