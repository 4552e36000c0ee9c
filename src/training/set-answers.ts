/** What one network of a run puts out for every instance of its set: the way out for a teacher whose answers are to be kept. */
import type { Dataset, Split } from '../data/dataset';
import type { Feed } from '../distill/modalities/input-source';
import { readSafetensors } from '../nn/safetensors';
import type { ImportedFiles, SetSources } from './asset-readers';
import { logitsOf, type LogitsFn } from './evaluate';
import type { Learner, SetAnswers } from './events';
import { RunFailure } from './failure';
import { withOtherImages } from './other-images';
import { feedsOf, planRun, type Plan } from './plan';
import type { StoredRunParts } from './stored-export-bundle';
import { restoredTeacher } from './teacher-apart';
import { createStudentNetwork, inFull } from './student-network';
import type { Teacher } from './teachers/teacher';
import { teacherStateOf } from './write-weights';

interface Answering {
  answers: LogitsFn;
  /** What it is given. */
  feed: Feed;
  /** False where it has no answers for the test split. */
  hasTest: boolean;
}

/**
 * A teacher as it answers by itself, without what a recipe does to its answers.
 * @throws RunFailure where it has none for this set
 */
export function answeringTeacher(teacher: Teacher, feed: Feed): Answering {
  if (teacher.featuresOnly)
    throw new RunFailure(
      'This teacher has learned other classes than those of the set: it shows its features and has no answers to save.',
    );
  return {
    answers: (inputs) => teacher.trace(inputs, false).logits,
    feed,
    hasTest: !teacher.unmeasured,
  };
}

/** @param own the set as it was chosen: what a run adds to it is left out */
export async function setAnswers(
  { material, outputs }: Plan,
  { answers, feed, hasTest }: Answering,
  own: Dataset,
): Promise<SetAnswers> {
  const { dataset, task } = material;
  const { source, normalisation } = feed;
  const on = (split: Split, count: number) => {
    const rows = Int32Array.from({ length: count }, (_, row) => row);
    return logitsOf(answers, source, split, rows, normalisation, outputs);
  };
  return {
    names: [...dataset.target.names],
    target: dataset.target.kind,
    scale: task.scale && { mean: [...task.scale.mean], deviation: [...task.scale.deviation] },
    train: await on(dataset.train, own.train.count),
    test: hasTest ? await on(dataset.test, own.test.count) : null,
  };
}

/**
 * The same of a stored run. Needs a backend; leaves no tensor.
 * @param weights file of the learner; null for a teacher that has none of its own
 * @throws RunFailure, Error when the parts do not belong together
 */
export async function storedAnswers(
  { recipe, dataset, teacher: stored }: Omit<StoredRunParts, 'student'>,
  learner: Learner,
  weights: Uint8Array | null,
  help: SetSources & { importedFiles: ImportedFiles },
): Promise<SetAnswers> {
  const plan = planRun(recipe, await withOtherImages(dataset, recipe, help));
  const feeds = feedsOf(plan);
  if (learner === 'teacher') {
    const given = weights ?? stored ?? { networks: [] };
    const state = given instanceof Uint8Array ? teacherStateOf(plan, given) : given;
    const teacher = await restoredTeacher(plan, feeds, state, help);
    if (!teacher) throw new RunFailure('This run has no teacher.');
    try {
      return await setAnswers(plan, answeringTeacher(teacher, feeds.teacher), dataset);
    } finally {
      teacher.dispose();
    }
  }
  if (!weights) throw new RunFailure('The weights of this network are not stored.');
  const network = createStudentNetwork(learner === 'full' ? inFull(plan) : plan, readSafetensors(weights));
  try {
    const answers: LogitsFn = (inputs) => network.forward(inputs, { training: false }).logits;
    return await setAnswers(plan, { answers, feed: feeds.student, hasTest: true }, dataset);
  } finally {
    network.dispose();
  }
}
