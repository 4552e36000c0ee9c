import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/engine/tf';
import type { RunEvent } from '../../../src/training/events';
import { Run } from '../../../src/training/run';
import type { Checkpoint } from '../../../src/training/checkpoint';
import { isLong, tried } from '../../support/long';
import { useWasm } from '../../support/wasm-in-node';
import { expectSame } from './same';
import { numbersOf, noAssets, tinyDataset, tinyRecipe } from './tiny';

beforeAll(useWasm);

/** Runs to the end, and takes the state after so many ticks with what was told until then. */
async function carriedOut(
  recipe: ReturnType<typeof tinyRecipe>,
  places: readonly number[] = [],
  from: Checkpoint | null = null,
) {
  const run = new Run(recipe, tinyDataset(), { fetchAsset: noAssets }, from);
  const events: RunEvent[] = [];
  const saves: { state: Checkpoint; told: RunEvent[] }[] = [];
  let ticked = 0;
  for await (const tick of run.ticks()) {
    events.push(...tick);
    if (!places.includes(++ticked)) continue;
    events.push(...(await run.flush()));
    saves.push({ state: structuredClone(await run.checkpoint()), told: [...events] });
  }
  run.dispose();
  return { events, saves };
}

const dynamic = {
  id: 'hint-dynamic',
  knobs: { metaInterval: 1, metaWarmup: 0, metaPerClass: 4, metaBatch: 8, metaHidden: 16 },
};
const nextBatch = { metaWarmup: 0, metaSet: 'next-batch', metaHidden: 16 };
const recipes = {
  'the next training batch as meta set, augmented, with unlabelled images and a changed view': tinyRecipe({
    hints: [
      { id: 'kd', weight: 1 },
      { id: 'fitnet', weight: 1 },
      { id: 'mlld', weight: 0.1 },
    ],
    weighting: { ...dynamic, knobs: { ...nextBatch, metaInterval: 2 } },
    material: { dataset: 'upload', labelsPerClass: 6, unlabelled: 40, shift: 1, flip: true },
    schedule: { steps: 8, batch: 12, evaluateEvery: 4, optimiser: 'sgd', learningRate: 0.05 },
    teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 20 } },
  }),
  'the next training batch as meta set, what the teacher said remembered': tinyRecipe({
    hints: [{ id: 'kd', weight: 1 }],
    weighting: { ...dynamic, knobs: { ...nextBatch, metaInterval: 1 } },
    material: { dataset: 'upload', labelsPerClass: 6 },
    schedule: { steps: 8, batch: 12, evaluateEvery: 4, optimiser: 'sgd', learningRate: 0.05 },
    teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 20 } },
  }),
  'soft targets and a feature map under hint-dynamic weights, augmented, with unlabelled images, at half size':
    tinyRecipe({
      hints: [
        { id: 'kd', weight: 1 },
        { id: 'fitnet', weight: 1 },
      ],
      weighting: dynamic,
      student: { network: 'cnn-2-4', view: 'half' },
      material: { dataset: 'upload', labelsPerClass: 6, unlabelled: 40, shift: 1, flip: true },
      schedule: { steps: 6, batch: 12, evaluateEvery: 3, optimiser: 'sgd', learningRate: 0.05 },
      teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 20 } },
    }),
  'partners of the same class for the teacher, what it said of them remembered': tinyRecipe({
    hints: [{ id: 'kd', weight: 1 }],
    material: { dataset: 'upload', labelsPerClass: 6, unlabelled: 20, partner: 'class' },
    schedule: { steps: 8, batch: 12, evaluateEvery: 4 },
    teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 20 } },
  }),
  'auto-balanced Adam': tinyRecipe({
    hints: [
      { id: 'kd', weight: 1 },
      { id: 'at', weight: 1 },
    ],
    weighting: { id: 'fixed', knobs: { autoBalance: true } },
    objective: { hardAnswers: true },
  }),
  'hints with a first stage, banks, drawn negatives and a changed view, under DOT': tinyRecipe({
    hints: [
      { id: 'ft', weight: 1, knobs: { initShare: 50 } },
      { id: 'crd', weight: 0.1, knobs: { negatives: 16, width: 8 } },
      { id: 'mlld', weight: 0.1 },
    ],
    schedule: { steps: 6, batch: 12, evaluateEvery: 3, optimiser: 'dot', learningRate: 0.05 },
    teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 20 } },
  }),
  'images moved to the boundary, under hint-dynamic weights': tinyRecipe({
    hints: [
      { id: 'bss', weight: 0.5, knobs: { attacked: 4, attackSteps: 2 } },
      { id: 'kd', weight: 1 },
    ],
    weighting: dynamic,
    material: { dataset: 'upload', labelsPerClass: 6 },
  }),
  'fused students and their converters': tinyRecipe({
    hints: [{ id: 'ffsd' }],
    student: { network: 'elu-3-4' },
    schedule: { steps: 16, batch: 12, evaluateEvery: 8 },
    teacher: { kind: 'fusion' },
  }),
  'graphs of neighbours over banks, with drawn negatives and images without labels': tinyRecipe({
    hints: [{ id: 'holistic', weight: 0.5, knobs: { neighbours: 4, width: 8, bank: 'sample', drawn: 16 } }],
    material: { dataset: 'upload', labelsPerClass: 6, unlabelled: 40 },
  }),
  'dropout in teacher, student, control and the hard line, under a hint with a prelude': tinyRecipe({
    hints: [
      { id: 'kd', weight: 1 },
      { id: 'ft', weight: 1, knobs: { initShare: 50 } },
    ],
    weighting: dynamic,
    objective: { hardAnswers: true },
    student: { network: 'elu-3-4' },
    teacher: { kind: 'single', knobs: { source: 'train', network: 'elu2-4-6', epochs: 1, batch: 20 } },
  }),
  'stimuli alone, balanced by a teacher that changes on its route': tinyRecipe({
    hints: [{ id: 'kd', weight: 1 }],
    material: {
      dataset: 'upload',
      unlabelled: 40,
      unlabelledFrom: 'stimuli',
      stimuli: 'strokes',
      realShare: 0,
      balance: true,
    },
    schedule: { steps: 9, batch: 12, evaluateEvery: 3 },
    teacher: { kind: 'route', knobs: { network: 'cnn-4-8', epochs: 3, batch: 40, anchors: 3 } },
  }),
  'low precision with its twin, and a teacher that is trained alongside': tinyRecipe({
    hints: [{ id: 'kd', weight: 0.5, knobs: { temperature: 1 } }],
    student: { network: 'cnn-2-4-4', bitsWeights: '2', bitsActivations: '4', quantizer: 'dorefa' },
    schedule: { steps: 16, batch: 12, evaluateEvery: 8 },
    teacher: { kind: 'joint', knobs: { network: 'elu-3-4' } },
  }),
  'copies of the data for each member of an ensemble': tinyRecipe({
    hints: [{ id: 'kd', weight: 1 }],
    material: { dataset: 'upload', labelsPerClass: 6, unlabelled: 40 },
    schedule: { steps: 9, batch: 12, evaluateEvery: 3 },
    teacher: {
      kind: 'ensemble',
      knobs: { network: 'cnn-4-8', others: 'mlp-8', members: 2, epochs: 1, batch: 40, mode: 'augment' },
    },
  }),
  'a teacher that adapts to a second domain and is moved by the student': tinyRecipe({
    hints: [{ id: 'kd-reverse', weight: 1 }],
    material: { dataset: 'upload', unlabelled: 1000, unlabelledFrom: 'second-domain' },
    schedule: { steps: 16, batch: 12, evaluateEvery: 8, curve: 'inverse' },
    teacher: { kind: 'adapting', knobs: { network: 'elu-3-4', moveTeacher: true } },
  }),
  'explanations dealt at random, from a third of the run on': tinyRecipe({
    hints: [{ id: 'introspective', weight: 1, knobs: { similarity: 'shuffled', from: 30 } }],
    material: { dataset: 'upload', labelsPerClass: 6, unlabelled: 40 },
    schedule: { steps: 16, batch: 12, evaluateEvery: 8 },
    teacher: { kind: 'none' },
    objective: { ceWeight: 0 },
  }),
  'a searched mix of maps': tinyRecipe({
    hints: [{ id: 'dfa', weight: 1, knobs: { searchSteps: 8 } }],
    schedule: { steps: 8, batch: 12, evaluateEvery: 4 },
    teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn2-2-4', epochs: 1, batch: 24 } },
  }),
  'dropout in peers': tinyRecipe({
    hints: [{ id: 'dml', weight: 1 }],
    student: { network: 'elu-3-4' },
    schedule: { steps: 16, batch: 12, evaluateEvery: 8 },
    teacher: { kind: 'peers', knobs: { network: 'elu-3-4', peers: 2 } },
  }),
};

/** In the teacher's phase and in the student's. */
const places = isLong ? [2, 5, 9, 14] : [5, 14];

describe('a run that is broken off after any tick and goes on from its state', () => {
  for (const [name, recipe] of tried(Object.entries(recipes))) {
    it(`${name}: tells the same numbers as one that was not`, async () => {
      const before = tf.memory().numTensors;
      const whole = await carriedOut(recipe, places);
      expect(whole.events.findIndex(({ type }) => type === 'finished')).toBeGreaterThan(0);
      expect(whole.saves).toHaveLength(places.length);
      for (const { state, told } of whole.saves) {
        const { events } = await carriedOut(recipe, [], state);
        expectSame(numbersOf([...told, ...events]), numbersOf(whole.events));
      }
      expect(tf.memory().numTensors).toBe(before);
    });
  }
});

it('a run whose state is taken tells the same numbers as one that is left alone', async () => {
  for (const recipe of Object.values(recipes).slice(0, 2)) {
    const [saved, alone] = [await carriedOut(recipe, [1, 4, 8, 12]), await carriedOut(recipe)];
    expect(saved.saves).toHaveLength(4);
    expectSame(numbersOf(saved.events), numbersOf(alone.events));
  }
});

describe('a state that only looks like one', () => {
  it.each<[string, (state: Checkpoint) => unknown]>([
    ['students of another kind', () => ({ students: { lines: 5 } })],
    ['empty students', () => ({ students: {} })],
    ['a teacher without weights', () => ({ teacher: {} })],
    [
      'students without weights',
      ({ students }) => ({ students: { ...students, networks: null, lines: null } }),
    ],
  ])('ends the run in a sentence: %s', async (_, change) => {
    const recipe = Object.values(recipes)[1]!;
    const { state } = (await carriedOut(recipe, [9])).saves[0]!;
    const { events } = await carriedOut(recipe, [], { ...state, ...(change(state) as object) });
    const failed = events.find(({ type }) => type === 'failed');
    expect(failed).toMatchObject({
      message: expect.stringContaining('could not go on from its saved state') as string,
    });
    expect(JSON.stringify(failed)).not.toMatch(/Cannot read|undefined|is not/);
  });
});
