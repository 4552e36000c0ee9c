/** Every classical hint in a short run: finite numbers, the same again, nothing left behind. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/engine/tf';
import type { RunEvent } from '../../../src/training/events';
import type { Run } from '../../../src/training/run';
import { expectSame } from '../training/same';
import { numbersOf, ofType, tinyRecipe, train } from '../training/tiny';
import { tried } from '../../support/long';
import { useWasm } from '../../support/wasm-in-node';

const halfUnlabelled = { dataset: 'upload', labelsPerClass: 6, unlabelled: 40 };
const trainedHere = (network: string) => ({
  kind: 'single',
  knobs: { source: 'train', network, epochs: 1, batch: 20 },
});
const sgd = { steps: 6, batch: 12, evaluateEvery: 3, optimiser: 'sgd', learningRate: 0.05 };
const one = (id: string, knobs: Record<string, unknown> = {}, weight = 0.1) => ({
  hints: [{ id, weight, knobs }],
  // Few images, so that each comes by several times and what the teacher said of it is remembered.
  material: { dataset: 'upload', labelsPerClass: 6 },
});

const recipes: Record<string, Record<string, unknown>> = {
  'label smoothing, without a teacher': { ...one('ls'), teacher: { kind: 'none' } },
  'label smoothing, some images without labels': {
    ...one('ls', { spread: 'others' }),
    material: halfUnlabelled,
  },
  'a hand-made teacher': { ...one('tfkd-reg'), teacher: { kind: 'none' } },
  'its own explanations, some images without labels': {
    ...one('introspective', { from: 0 }),
    teacher: { kind: 'none' },
    material: halfUnlabelled,
  },
  'its own explanations by gradients, shuffled, beside a teacher under hint-dynamic weights': {
    hints: [
      { id: 'introspective', weight: 0.5, knobs: { explanation: 'gradient-input', similarity: 'shuffled' } },
      { id: 'kd' },
    ],
    student: { network: 'mlp-8' },
    weighting: {
      id: 'hint-dynamic',
      knobs: { metaInterval: 2, metaWarmup: 0, metaPerClass: 4, metaBatch: 8, metaHidden: 16 },
    },
  },
  'its own former self': { ...one('tfkd-self'), teacher: trainedHere('cnn-2-4') },
  'curriculum temperature': one('ctkd', { loops: 100 }),
  'curriculum temperature, standardised logits': one('ctkd', { standardise: true }),
  'multi-level logits': { ...one('mlld'), material: halfUnlabelled },
  'multi-level logits, masked per image': one('mlld', { asCoded: false, standardise: true }),
  'FitNet in two stages': one('fitnet', { stages: 'two', initShare: 50 }),
  'flow between layers': { ...one('fsp', { initShare: 50 }), student: { network: 'cnn-4-8' } },
  'flow between layers, beside the labels': {
    ...one('fsp', { stages: 'joint' }),
    student: { network: 'cnn-4-8' },
  },
  'activation boundaries': one('ab', { initShare: 50 }),
  'activation boundaries as means, beside the labels': one('ab', {
    stages: 'joint',
    reduction: 'mean',
    margin: 2,
  }),
  'factor transfer': one('ft', { initShare: 50 }),
  'factor transfer by attention': one('ft', { form: 'attention', initShare: 50 }),
  'boundary supporting samples': one('bss', { attacked: 4, attackSteps: 3 }),
  'boundary supporting samples of a shuffled, half-wrong teacher, some images without labels': {
    hints: [{ id: 'bss', weight: 0.5, shuffled: true, knobs: { attacked: 30, attackSteps: 2 } }],
    teacher: { kind: 'ensemble', knobs: { network: 'cnn-2-4', members: 2, epochs: 1, batch: 20 } },
    material: halfUnlabelled,
  },
  'boundary supporting samples under hint-dynamic weights': {
    ...one('bss', { attacked: 4, attackSteps: 2 }),
    weighting: {
      id: 'hint-dynamic',
      knobs: { metaInterval: 2, metaWarmup: 0, metaPerClass: 4, metaBatch: 8, metaHidden: 16 },
    },
  },
  'fused students': { hints: [{ id: 'ffsd' }], teacher: { kind: 'fusion' } },
  'three fused students with dropout under hint-dynamic weights, some images without labels': {
    hints: [{ id: 'ffsd' }, { id: 'dml' }],
    teacher: { kind: 'fusion', knobs: { students: 3 } },
    student: { network: 'elu-3-4' },
    material: halfUnlabelled,
    schedule: sgd,
    weighting: {
      id: 'hint-dynamic',
      knobs: { metaInterval: 2, metaWarmup: 0, metaPerClass: 4, metaBatch: 8, metaHidden: 16 },
    },
  },
  'overhaul of features': one('ofd', {}, 0.001),
  'overhaul of features, margins of the batch, teacher in training mode': one(
    'ofd',
    { margin: 'batch', teacherMode: 'training' },
    0.001,
  ),
  'overhaul of features, an MLP as teacher': { ...one('ofd', {}, 0.001), teacher: trainedHere('mlp-16-8') },
  'semantic calibration': one('semckd'),
  'contrast between images': one('crd', { negatives: 16, width: 8 }),
  'contrast between classes, some images without labels': {
    ...one('crd', { negatives: 200, width: 8, positive: 'relax' }),
    material: halfUnlabelled,
  },
  'graphs of neighbours': one('holistic', { neighbours: 4, width: 8 }),
  'graphs of neighbours, drawn negatives of the other memory, some images without labels': {
    ...one('holistic', { neighbours: 4, width: 8, bank: 'sample', drawn: 16, negativesOf: 'other' }),
    material: halfUnlabelled,
  },
  'batches smaller than the neighbours': one('holistic', { neighbours: 20, width: 8 }),
  'contrast and attention in batches that hold the whole pool': {
    hints: [
      { id: 'crd', weight: 0.1, knobs: { negatives: 100, width: 8 } },
      { id: 'semckd', weight: 0.1, knobs: { layers: 1 } },
    ],
    material: { dataset: 'upload', labelsPerClass: 2, unlabelled: 10 },
    schedule: { steps: 6, batch: 64, evaluateEvery: 3 },
  },
  'correlation of trained embeddings': one('cc', { form: 'embedded', width: 8 }),
  'knowledge review with soft targets, before the ReLU': one('review', {
    maxMidChannels: 16,
    useKd: true,
    studentPreActivation: true,
    poolSizes: '2,1',
  }),
  'a searched mix of maps, some images without labels': {
    ...one('dfa', { searchSteps: 7 }),
    material: halfUnlabelled,
    teacher: trainedHere('cnn2-2-4'),
  },
  'a search without the bridge, and a mix drawn at random': {
    hints: [
      { id: 'dfa', weight: 1, knobs: { searchSteps: 3, bridge: false } },
      { id: 'dfa', weight: 1, knobs: { mix: 'random' } },
    ],
    teacher: trainedHere('cnn2-2-4-8'),
    student: { network: 'cnn-2-4-8' },
    schedule: sgd,
  },
  'two hints with a stage of their own': {
    hints: [
      { id: 'ab', weight: 1, knobs: { initShare: 50 } },
      { id: 'ft', weight: 1, knobs: { initShare: 50 } },
    ],
  },
  'the distillation-oriented trainer over an answer and a map': {
    hints: [
      { id: 'kd', weight: 0.9 },
      { id: 'fitnet', weight: 1 },
    ],
    schedule: { ...sgd, optimiser: 'dot', weightDecay: 5e-4 },
  },
  'hint-dynamic over hints that remember': {
    hints: [
      { id: 'crd', weight: 0.1, knobs: { negatives: 16, width: 8 } },
      { id: 'ctkd', weight: 0.5 },
    ],
    weighting: {
      id: 'hint-dynamic',
      knobs: { metaInterval: 3, metaWarmup: 0, metaPerClass: 4, metaBatch: 8, metaHidden: 16 },
    },
    schedule: sgd,
  },
};

const runs: Run[] = [];
async function trained(...args: Parameters<typeof train>): Promise<RunEvent[]> {
  const { run, events } = await train(...args);
  runs.push(run);
  return events;
}

beforeAll(useWasm);
afterEach(() => {
  runs.splice(0).forEach((run) => run.dispose());
});

describe('a run with', () => {
  // Of the others it is held by the runs that are broken off and go on (resume.test.ts).
  const again = new Set(tried(tried(Object.keys(recipes))));
  for (const [name, changes] of tried(Object.entries(recipes))) {
    it(`${name}: finite numbers, same again, nothing left behind`, async () => {
      const before = tf.memory().numTensors;
      const first = await trained(tinyRecipe(changes));
      expect(ofType(first, 'failed')).toEqual([]);
      expect(ofType(first, 'finished')[0]?.step).toBe(6);
      for (const { values } of ofType(first, 'step'))
        for (const [part, value] of Object.entries(values)) expect(value, part).toSatisfy(Number.isFinite);
      for (const { snapshot } of ofType(first, 'instances'))
        for (const column of Object.values({ ...snapshot.losses, ...snapshot.weights }))
          expect(column.every(Number.isFinite)).toBe(true);
      if (again.has(name)) expectSame(numbersOf(await trained(tinyRecipe(changes))), numbersOf(first));
      runs.splice(0).forEach((run) => run.dispose());
      expect(tf.memory().numTensors).toBe(before);
    });
  }
});
