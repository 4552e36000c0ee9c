/** What a teacher that leaves without networks shows for each instance of the set. */
import type { Hint } from '../distill/hints/hint';
import type { Feeds } from '../distill/modalities/input-source';
import { answersByRows, leavesAsAnswers } from '../distill/teachers/abouts';
import type { Split } from '../data/dataset';
import { logitsOf } from './evaluate';
import type { LeavingAnswers } from './export-bundle';
import { sizeOf } from './gathered-parts';
import type { Plan } from './plan';
import { planRecorded } from './teacher-memory';
import type { RecordedPart } from './teachers/recorded-teacher';
import type { Teacher } from './teachers/teacher';

/**
 * Asked once for every instance, as the teacher sees it without moves; of recorded ones what these losses read.
 * @returns null for a teacher that leaves with its networks
 */
export async function leavingAnswers(
  plan: Plan,
  feeds: Feeds,
  teacher: Teacher | null,
  hints: readonly Pick<Hint, 'parts'>[],
): Promise<LeavingAnswers | null> {
  const of = plan.recipe.teacher;
  if (!teacher || !leavesAsAnswers(of)) return null;
  const { train, test } = plan.material.dataset;
  const counts = { train: train.count, test: teacher.unmeasured ? 0 : test.count };
  const members = teacher.turns?.members ?? [];
  const parts = teacher.recorded
    ? readOf(teacher.recorded, counts.train + counts.test, plan, [
        ...hints,
        { parts: members.map((name) => `more/${name}` as const) },
      ])
    : [await asked(plan, feeds, teacher)];
  return {
    ...counts,
    parts,
    members: [...members],
    stages: plan.pair.teacher.stages.length,
    isOfPlainImages: !answersByRows(of),
  };
}

/** The parts that are read, of so many rows. */
function readOf(
  recorded: readonly RecordedPart[],
  rows: number,
  { pair, outputs }: Plan,
  readers: readonly Pick<Hint, 'parts'>[],
): RecordedPart[] {
  const read = new Set(planRecorded(readers, pair.teacher, outputs, rows).parts.map(({ part }) => part));
  return recorded.flatMap(({ part, shape, values }) =>
    read.has(part) ? [{ part, shape, values: values.subarray(0, rows * sizeOf(shape)) }] : [],
  );
}

async function asked({ material, outputs }: Plan, feeds: Feeds, teacher: Teacher): Promise<RecordedPart> {
  const { source, normalisation } = feeds.teacher;
  const on = (split: Split) =>
    logitsOf(
      (images) => teacher.trace(images, false).logits,
      source,
      split,
      Int32Array.from({ length: split.count }, (_, row) => row),
      normalisation,
      outputs,
    );
  const { train, test } = material.dataset;
  const values = new Float32Array((train.count + test.count) * outputs);
  values.set(await on(train));
  values.set(await on(test), train.count * outputs);
  return { part: 'logits', shape: [outputs], values };
}
