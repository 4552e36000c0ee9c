/**
 * Steps with every loss, kind of teacher and weighting can be recorded, and replayed they give bit for bit what they give
 * op by op. Losses share a run here, because shaders are compiled per run; each method for itself is a long test.
 */
import { expect, it } from 'vitest';
import { hintAbouts, hintIds, type HintId } from '../../../src/distill/hints/abouts';
import { teacherAbouts, type TeacherKind } from '../../../src/distill/teachers/abouts';
import { weightingAbouts, type WeightingId } from '../../../src/distill/weighting/abouts';
import { tinyDataset, tinyRecipe } from '../../unit/training/tiny';
import { onWebgpu } from '../on-webgpu';
import { expectSameBits } from './recorded-runs';

onWebgpu({ allOps: true });

/** Two batches of images, which come by twice: their teacher is asked, then recalled. */
const dataset = tinyDataset(8);
const labelsPerClass = 4;
const steps = 4;
/** Of teacher and student, which so have many kernels in common. */
const batch = 8;

interface Group {
  hints: HintId[];
  teacher?: TeacherKind;
  weighting?: WeightingId;
  optimiser?: string;
}

const groups: Record<string, Group> = {
  logits: { hints: ['kd', 'dkd', 'nkd', 'wsld', 'dist', 'lskd', 'logits', 'soft-answers'] },
  features: { hints: ['fitnet', 'at', 'nst', 'vid', 'ft', 'ab', 'ofd', 'fsp'], optimiser: 'sgd' },
  relations: { hints: ['sp', 'rkd', 'pkt', 'cc', 'crd', 'semckd', 'review'] },
  'several losses under DOT': {
    hints: ['kd', 'ctkd', 'mlld', 'tfkd-reg', 'tfkd-self', 'ls'],
    optimiser: 'dot',
  },
  peers: { hints: ['dml'], teacher: 'peers' },
  'codes of granularities': { hints: ['codes', 'kd'], teacher: 'granular' },
  'an ensemble': { hints: ['kd', 'fitnet'], teacher: 'ensemble', weighting: 'hint-dynamic' },
  specialists: { hints: ['kd'], teacher: 'specialists' },
  'a route': { hints: ['kd'], teacher: 'route' },
  'labels only': { hints: [], teacher: 'none' },
};

/** Knobs of losses, teachers and weightings that cost time. */
const small: Record<string, number | string> = {
  source: 'train',
  network: 'cnn-4-8',
  epochs: 1,
  batch,
  metaInterval: 2,
  metaWarmup: 20,
  metaBatch: 8,
  // CRD's other images and widths, and SemCKD's regressors, one for each pair of layers.
  negatives: 16,
  width: 8,
  layers: 1,
};

/** Those of the small values whose knob is there. */
const smallOf = (knobs: object) =>
  Object.fromEntries(Object.entries(small).filter(([name]) => name in knobs));

function recipeOf({ hints, teacher = 'single', weighting = 'fixed', optimiser = 'adam' }: Group) {
  return tinyRecipe({
    version: 2,
    material: { dataset: 'upload', labelsPerClass },
    teacher: { kind: teacher, knobs: smallOf(teacherAbouts[teacher].knobs) },
    hints: hints.map((id) => ({ id, weight: 0.1, knobs: smallOf(hintAbouts[id].knobs) })),
    weighting: { id: weighting, knobs: smallOf(weightingAbouts[weighting].knobs) },
    student: { network: 'cnn-4-8' },
    schedule: { steps, batch, evaluateEvery: steps, optimiser, learningRate: 0.01 },
    objective: { control: false },
  });
}

it('covers every loss, kind of teacher and weighting', () => {
  const all = Object.values(groups);
  expect(new Set(all.flatMap(({ hints }) => hints))).toEqual(new Set(hintIds));
  const kinds = new Set(all.map(({ teacher = 'single' }) => teacher));
  expect(kinds).toEqual(new Set(Object.keys(teacherAbouts)));
  const weightings = new Set(all.map(({ weighting = 'fixed' }) => weighting));
  expect(weightings).toEqual(new Set(Object.keys(weightingAbouts)));
});

it.each(Object.entries(groups))('%s: the same bits recorded as op by op', (_, group) =>
  expectSameBits(recipeOf(group), dataset),
);

it('draws anew what is dropped in a replayed step, in student, control and peers', async () => {
  const recipe = tinyRecipe({
    hints: [{ id: 'dml', weight: 1 }],
    teacher: { kind: 'peers', knobs: { network: 'elu-3-4', peers: 1 } },
    student: { network: 'elu-3-4' },
    schedule: { steps, batch, evaluateEvery: steps },
  });
  await expectSameBits(recipe, dataset);
});
