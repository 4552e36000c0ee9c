/** The answers of a user's files for a data set, and what is to be known of them before they teach. */
import type { Dataset } from '../../data/dataset';
import { targetsOf } from '../../data/dataset';
import { taskOf } from '../../distill/tasks/task-of';
import { primaryScore } from '../../distill/tasks/task';
import type { WeightFile } from '../../nn/read-weights';
import { noBetterThanChance } from '../chance';
import { answerKindNames, type AnswerKind } from './answer-parts';
import { outputsOf } from './answer-kind';
import { matchAnswers, type MatchedAnswers } from './match-answers';
import { readAnswers } from './read-answers';

/** @throws AnswersProblem with a sentence when the files hold no answers for this set */
export async function loadAnswers(
  files: readonly WeightFile[],
  { train, test, target }: Dataset,
): Promise<MatchedAnswers[]> {
  const parts = await readAnswers(files, target.names);
  return matchAnswers(parts, {
    train: train.count,
    test: test.count,
    names: joined(train.sources?.names, test.sources?.names),
    places: placesIn(train.sources?.places, test.sources?.places),
    target,
  });
}

function joined(train?: readonly string[], test?: readonly string[]): string[] | null {
  return train && test ? [...train, ...test] : null;
}

function placesIn(train?: Int32Array, test?: Int32Array): Int32Array | null {
  if (!train || !test) return null;
  const places = new Int32Array(train.length + test.length);
  places.set(train);
  places.set(test, train.length);
  return places;
}

/** One of the teachers whose answers lie in files. */
export interface AnswersAbout {
  name: string;
  /** The task's first score on each split, such as the accuracy 0..1; null where there are no answers for it. */
  train: number;
  test: number | null;
}

interface InspectedAnswers {
  members: AnswersAbout[];
  kind: AnswerKind;
  /** What the numbers can be. */
  kinds: AnswerKind[];
  notes: string[];
  /** Why they may be the wrong ones. */
  doubts: string[];
}

/** Reads files as recorded answers and measures them. @throws AnswersProblem with a sentence */
export async function inspectAnswers(
  files: readonly WeightFile[],
  dataset: Dataset,
): Promise<InspectedAnswers> {
  const found = await loadAnswers(files, dataset);
  const task = taskOf(dataset);
  const { kind: target } = dataset.target;
  const notes = new Set(found.flatMap((one) => one.notes));
  const doubts: string[] = [];
  const members = found.map((one, m): AnswersAbout => {
    const { values, kind, hasTest } = one;
    const outputs = outputsOf(values, kind, target, task.scale);
    const split = dataset.train.count * task.outputs;
    const measured = {
      train: task.measure(outputs.subarray(0, split), targetsOf(dataset.train)),
      test: hasTest ? task.measure(outputs.subarray(split), targetsOf(dataset.test)) : null,
    };
    const name = one.name || (found.length > 1 ? `Teacher ${m + 1}` : 'The teacher');
    const doubt = noBetterThanChance(task, measured.train, targetsOf(dataset.train));
    if (doubt)
      doubts.push(
        `${found.length > 1 ? `“${name}” does` : 'These answers do'} ${doubt} on the training split. They may be of another set, or their rows or columns may be in another order.`,
      );
    return {
      name,
      train: primaryScore(task, measured.train),
      test: measured.test && primaryScore(task, measured.test),
    };
  });
  // Members may be saved in different ways: the knob says what those are that are no logits.
  const kind = found.find((one) => one.kind !== 'logits')?.kind ?? 'logits';
  const kinds = (['logits', 'log-probabilities', 'probabilities'] as const).filter(
    (one) =>
      found.some(({ kinds: own }) => own.includes(one)) &&
      (found.length > 1 || found[0]!.kinds.includes(one)),
  );
  if (target !== 'number' && kind !== 'logits')
    notes.add(
      `They are ${answerKindNames[kind]}; their logarithms stand for logits. If they were softened by a temperature, they stay softened: that cannot be undone.`,
    );
  if (found.some(({ hasTest }) => !hasTest))
    notes.add(
      'There are no answers for the test split, so the teacher is not measured, and the student not compared with it.',
    );
  return { members, kind, kinds, notes: [...notes], doubts };
}
