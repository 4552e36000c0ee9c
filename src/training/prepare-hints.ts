/** What hints are given before a step, and before the first one. */
import type { BatchFacts, Hint } from '../distill/hints/hint';
import { poolOf } from '../distill/material/batch-split';
import type { Feeds } from '../distill/modalities/input-source';
import { RandomStream } from '../random/streams';
import { logitsOf } from './evaluate';
import type { Plan } from './plan';
import type { TeacherView } from './teacher-view';

/** Before a step: each hint writes what differs from step to step. @param batch of which `random` is the step's own */
export function prepareHints(
  hints: readonly Hint[],
  { recipe, hintKeys }: Pick<Plan, 'recipe' | 'hintKeys'>,
  batch: Omit<BatchFacts, 'random'>,
): void {
  hints.forEach((hint, h) =>
    hint.prepare?.({
      ...batch,
      random: RandomStream.fork(recipe.seed, `hint/${hintKeys[h]}/${batch.step}`),
    }),
  );
}

/** Lets hints ask the teacher about the instances of the pool, before the student's first step. */
export async function surveyPool(
  hints: readonly Hint[],
  teacher: Pick<TeacherView, 'answers'>,
  { plan, feeds }: { plan: Plan; feeds: Feeds },
): Promise<void> {
  const { material, outputs } = plan;
  const { source, normalisation } = feeds.teacher;
  const pool = poolOf(material);
  const ask = (poolRows: Int32Array) => {
    const rows = poolRows.map((row) => pool[row]!);
    const { train } = material.dataset;
    return logitsOf((inputs) => teacher.answers(inputs), source, train, rows, normalisation, outputs);
  };
  for (const hint of hints) await hint.survey?.(ask);
}
