/** Ensembles whose members take turns, from step to step or on copies of the data; and members with labels of their own. */
import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/engine/tf';
import { StudentBatches } from '../../../src/training/batches';
import { feedsOf, planRun } from '../../../src/training/plan';
import { seenRows } from '../../../src/training/step-inputs';
import { useWasm } from '../../support/wasm-in-node';
import { ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const recipeWith = (knobs: Record<string, unknown>, others: Record<string, unknown> = {}) =>
  tinyRecipe({
    teacher: {
      kind: 'ensemble',
      knobs: { network: 'cnn-4-8', others: 'mlp-8', members: 3, epochs: 1, batch: 20, ...knobs },
    },
    hints: [{ id: 'kd', weight: 1, knobs: { temperature: 1 } }],
    schedule: { steps: 9, batch: 12, evaluateEvery: 9 },
    ...others,
  });

describe('members that take turns', () => {
  it.each([
    ['in turn, remembered', 'round-robin', {}],
    ['at random, computed at each step', 'random', { shift: 1 }],
  ])('teach one after the other: %s', async (_, rule, material) => {
    const before = tf.memory().numTensors;
    const recipe = recipeWith({ mode: 'switch', rule }, { material: { dataset: 'upload', ...material } });
    const { run, events } = await train(recipe);
    run.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(ofType(events, 'failed')).toEqual([]);
    const told = ofType(events, 'step').filter(({ phase }) => phase === 'student');
    const turns = told.map(({ values }) => values['active/teacher']!);
    if (rule === 'round-robin') expect(turns).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3]);
    else expect(new Set(turns).size).toBeGreaterThan(1);
    // What is learned is the divergence from that member, and from no other.
    for (const { values } of told) {
      const own = values['active/teacher']!;
      for (const member of [1, 2, 3])
        if (member === own) expect(values['kd']).toBeCloseTo(values[`kl/${member}`]!, 5);
        else expect(values['kd']).not.toBeCloseTo(values[`kl/${member}`]!, 5);
      expect(values['agreement/1']).toBeGreaterThanOrEqual(0);
    }
  });

  it('are an average for who only looks: evaluation is that of a plain ensemble', async () => {
    const [plain, turning] = [await train(recipeWith({})), await train(recipeWith({ mode: 'switch' }))];
    const scores = [plain, turning].map(({ run, events }) => {
      run.dispose();
      return ofType(events, 'finished')[0]!.final.teacher;
    });
    expect(scores[1]).toBe(scores[0]);
  });

  it('each have a copy of all data, once an epoch', async () => {
    const recipe = recipeWith(
      { mode: 'augment' },
      { material: { dataset: 'upload', labelsPerClass: 6, unlabelled: 30 } },
    );
    const plan = planRun(recipe, tinyDataset());
    const batches = new StudentBatches({
      material: plan.material,
      seen: seenRows(feedsOf(plan), plan.material.dataset.train),
      batch: 12,
      seed: 1,
      shift: 0,
      flip: false,
      strongView: false,
      copies: 3,
    });
    const seen = new Set<string>();
    for (let step = 0; step < 12; step++) {
      const { trainRows, members } = batches.next();
      trainRows.slice(0, 6).forEach((row, i) => seen.add(`${row}/${members![i]}`));
    }
    expect(seen.size).toBe(24 * 3);
    const { run, events } = await train(recipe);
    run.dispose();
    expect(ofType(events, 'failed')).toEqual([]);
    const { values } = ofType(events, 'step').at(-1)!;
    expect(values['active/teacher']).toBeUndefined();
    const near = [1, 2, 3].map((member) => values[`kl/${member}`]!);
    expect(values['kd']).toBeGreaterThan(Math.min(...near));
    expect(values['kd']).toBeLessThan(Math.max(...near));
  });
});

describe('members with labels of their own', () => {
  it('share out what the student has, class by class', async () => {
    const material = { dataset: 'upload', labelsPerClass: 6, unlabelled: 30 };
    const recipe = recipeWith({ labels: 'student', labelsOf: 'share', batch: 4 }, { material });
    const { run, events } = await train(recipe);
    run.dispose();
    expect(ofType(events, 'failed')).toEqual([]);
    // 24 labels among three members: 8 each, in batches of 4.
    expect(ofType(events, 'started')[0]!.facts.teacherSteps).toBe(3 * 2);
  });

  it('are refused where a share is too small', async () => {
    const material = { dataset: 'upload', labelsPerClass: 1, unlabelled: 30 };
    const { run, events } = await train(recipeWith({ labels: 'student', labelsOf: 'share' }, { material }));
    run.dispose();
    expect(ofType(events, 'failed')[0]).toMatchObject({
      message: expect.stringMatching(/4 labels leave fewer than two for each/) as string,
      knob: 'teacher.knobs.labelsOf',
    });
  });
});
