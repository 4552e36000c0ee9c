/**
 * Scores of a measurement in logs and files. Those of classification are written as `accuracy` and `trainAccuracy`, as
 * page versions did that knew no other task; those of other tasks by their ids.
 */
import type { ByLearner, Scores } from '../training/events';

interface Scored {
  scores: Scores;
  trainScores: Scores;
}

interface Accuracies {
  accuracy: ByLearner<number>;
  trainAccuracy: ByLearner<number>;
}

/** Either the two accuracies or the two lists of scores. */
export type Stored<E extends Scored> = Omit<E, keyof Scored> & Partial<Accuracies> & Partial<Scored>;

export function storedScores<E extends Scored>(event: E): Stored<E> {
  const { scores, trainScores, ...rest } = event;
  const ids = Object.keys({ ...scores, ...trainScores });
  if (ids.some((id) => id !== 'accuracy')) return event;
  return { ...rest, accuracy: scores['accuracy'] ?? {}, trainAccuracy: trainScores['accuracy'] ?? {} };
}

export function readScores<E extends Scored>(stored: Stored<E>): E {
  const { accuracy, trainAccuracy, ...rest } = stored;
  if (!accuracy || !trainAccuracy) return stored as unknown as E;
  return { ...rest, scores: { accuracy }, trainScores: { accuracy: trainAccuracy } } as unknown as E;
}
