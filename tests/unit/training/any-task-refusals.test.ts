/** Every loss and kind of teacher either trains on a table, on numbers and on several labels, or refuses in a sentence. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/dataset';
import { hintAbouts, hintIds, type HintId } from '../../../src/distill/hints/abouts';
import type { HintAbout } from '../../../src/distill/about';
import { targetRefusal } from '../../../src/distill/target-refusal';
import { teacherAbouts, type TeacherKind } from '../../../src/distill/teachers/abouts';
import { blobs, hands, labelledRows } from '../../support/task-sets';
import { useWasm } from '../../support/wasm-in-node';
import { ofType, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const sets: Record<string, { dataset: Dataset; network: string }> = {
  'a table of classes': { dataset: blobs(4, 4, 12), network: 'mlp-8-8' },
  'images with a number': { dataset: hands(40, 8), network: 'cnn-4-8' },
  'rows with several labels': { dataset: labelledRows(40), network: 'mlp-8-8' },
};

/** Knobs that cost time, where there are such. */
const small: Record<string, number | string> = {
  source: 'train',
  epochs: 1,
  batch: 20,
  negatives: 16,
  width: 8,
  layers: 1,
};
const only = (knobs: object, values: Record<string, number | string>) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name in knobs));

/** @returns the sentence of a refusal, null where it was trained to the end */
async function outcomeOf(
  set: keyof typeof sets,
  kind: TeacherKind,
  hints: readonly HintId[],
): Promise<string | null> {
  const { dataset, network } = sets[set]!;
  const recipe = tinyRecipe({
    teacher: { kind, knobs: only(teacherAbouts[kind].knobs, { ...small, network }) },
    student: { network },
    hints: hints.map((id) => ({ id, weight: 0.01, knobs: only(hintAbouts[id].knobs, small) })),
    schedule: { steps: 2, batch: 8, evaluateEvery: 2 },
    objective: { control: false },
  });
  const { run, events } = await train(recipe, dataset);
  run.dispose();
  const failed = ofType(events, 'failed')[0];
  expect(targetRefusal(recipe, dataset.target.kind)?.message ?? failed?.message).toBe(failed?.message);
  if (!failed) expect(Object.values(ofType(events, 'finished')[0]!.final).every(Number.isFinite)).toBe(true);
  return failed?.message ?? null;
}

describe.each(Object.keys(sets))('%s', (set) => {
  const { target } = sets[set]!.dataset;

  it.each(hintIds)('under %s', async (id) => {
    const about: HintAbout = hintAbouts[id];
    const kind = id === 'dml' ? 'peers' : id === 'codes' ? 'granular' : id === 'ffsd' ? 'fusion' : 'single';
    const why = await outcomeOf(set, kind, [id]);
    if (about.targets.includes(target.kind)) {
      // Its features or inputs may be of another kind.
      if (why !== null)
        expect(why).toMatch(
          /needs feature maps|needs a network that ends in a feature map|works on images|channels/,
        );
    } else expect(why).toContain(`This set’s targets are `);
    expect(why ?? '').not.toMatch(/unexpected error/);
  });

  const kinds = (Object.keys(teacherAbouts) as TeacherKind[]).filter((kind) => kind !== 'none');
  it.each(kinds)('with the teacher %s', async (kind) => {
    const why = await outcomeOf(set, kind, ['fitnet']);
    expect(why ?? '').not.toMatch(/unexpected error/);
  });
});
