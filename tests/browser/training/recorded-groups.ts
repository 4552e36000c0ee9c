/** Small recipes of many losses each, with every loss, kind of teacher and weighting among them. */
import type { Dataset } from '../../../src/data/dataset';
import { hintAbouts, type HintId } from '../../../src/distill/hints/abouts';
import type { Knobs } from '../../../src/distill/knobs';
import { teacherAbouts, type TeacherKind } from '../../../src/distill/teachers/abouts';
import { weightingAbouts, type WeightingId } from '../../../src/distill/weighting/abouts';
import { blobs, hands, labelledRows } from '../../support/task-sets';
import { tinyDataset, tinyRecipe, withShortGeneration } from '../../unit/training/tiny';

/** Two batches of images, which come by twice: their teacher is asked, then recalled. */
export const dataset = tinyDataset(8);
const labelsPerClass = 4;
export const steps = 4;
/** Of teacher and student, which so have many kernels in common. */
export const batch = 8;

interface Group {
  hints: HintId[];
  /** In place of images of classes. */
  dataset?: Dataset;
  network?: string;
  /** Knobs of the student beside its network. */
  student?: Record<string, string>;
  teacher?: TeacherKind;
  weighting?: WeightingId;
  optimiser?: string;
  /** The student's images have half the teacher's sides, so each has a batch of its own. */
  view?: 'half';
  /** Knobs of the material. */
  material?: Record<string, string | number>;
}

/**
 * Groups of steps that differ most: losses on logits, several networks, a teacher that changes, other targets. Steps by SGD,
 * of features and with learned weights are recorded and held against the cpu backend in `run.test.ts`.
 */
export const groups: Record<string, Group> = {
  logits: { hints: ['kd', 'dkd', 'dist', 'lskd'] },
  peers: { hints: ['dml'], teacher: 'peers', view: 'half' },
  'a route': { hints: ['kd'], teacher: 'route' },
};

/** The other losses and kinds of teachers and data: a long test, because each brings shaders of its own. */
export const otherGroups: Record<string, Group> = {
  'other logits': { hints: ['kd', 'nkd', 'wsld', 'logits', 'soft-answers'] },
  'codes of granularities': { hints: ['codes', 'kd'], teacher: 'granular' },
  'a relation': { hints: ['sp'], optimiser: 'sgd' },
  'an ensemble': {
    hints: ['kd', 'fitnet'],
    teacher: 'ensemble',
    weighting: 'hint-dynamic',
    view: 'half',
  },
  'low precision and a teacher trained alongside': {
    hints: ['kd'],
    teacher: 'joint',
    student: { bitsWeights: '2', bitsActivations: '4', exempt: 'none' },
  },
  'images with a number': {
    hints: ['logits', 'fitnet'],
    weighting: 'hint-dynamic',
    dataset: hands(40, 8),
  },
  'several labels at once': {
    hints: ['mld', 'sp'],
    weighting: 'hint-dynamic',
    dataset: labelledRows(40),
    network: 'mlp-8',
  },
  'labels only': { hints: [], teacher: 'none' },
  features: { hints: ['fitnet', 'at', 'nst', 'vid', 'ft', 'ab', 'ofd', 'fsp'], optimiser: 'sgd' },
  relations: { hints: ['sp', 'rkd', 'pkt', 'cc', 'crd', 'semckd', 'review'] },
  'images moved to the boundary': { hints: ['bss', 'holistic'], weighting: 'hint-dynamic' },
  'a searched mix of maps': { hints: ['dfa'], network: 'cnn2-4-8' },
  'fused students': { hints: ['ffsd'], teacher: 'fusion' },
  'several losses under DOT': {
    hints: ['kd', 'kd-reverse', 'ctkd', 'mlld', 'tfkd-reg', 'tfkd-self', 'ls', 'introspective'],
    optimiser: 'dot',
    view: 'half',
    // The teacher looks at other images of the same class.
    material: { partner: 'class' },
  },
  'a table of classes': {
    hints: ['kd', 'rkd'],
    weighting: 'hint-dynamic',
    dataset: blobs(4, 4, 8),
    network: 'mlp-8',
  },
  'a teacher that adapts': {
    hints: ['kd-reverse'],
    teacher: 'adapting',
    material: { unlabelled: 40, unlabelledFrom: 'second-domain' },
  },
  'recorded answers': { hints: ['kd', 'dist'], teacher: 'recorded', material: { shift: 1 } },
  specialists: { hints: ['kd'], teacher: 'specialists' },
  'low precision by DoReFa under learned weights': {
    hints: ['kd', 'fitnet'],
    weighting: 'hint-dynamic',
    student: { bitsWeights: '3', bitsActivations: '8', quantizer: 'dorefa' },
  },
  'generated pictures': { hints: ['kd'], material: { unlabelled: 12, unlabelledFrom: 'generated' } },
  'generated pictures of numbers under learned weights': {
    hints: ['logits'],
    weighting: 'hint-dynamic',
    dataset: hands(40, 8),
    material: { unlabelled: 12, unlabelledFrom: 'generated' },
  },
  'low precision by plain WRPN': { hints: ['kd', 'at'], student: { bitsWeights: '4', quantizer: 'wrpn' } },
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
  searchSteps: 4,
  // Of recorded answers.
  file: 'ab12',
};

/** Those of the small values whose knob is there, and takes such a value. */
const smallOf = (knobs: Knobs) =>
  Object.fromEntries(
    Object.entries(small).filter(([name, value]) => typeof knobs[name]?.default === typeof value),
  );

export function recipeOf({
  hints,
  teacher = 'single',
  weighting = 'fixed',
  optimiser = 'adam',
  network,
  student,
  view,
  material,
}: Group) {
  const recipe = tinyRecipe({
    version: 2,
    material: { dataset: 'upload', labelsPerClass, ...material },
    teacher: {
      kind: teacher,
      knobs: { ...smallOf(teacherAbouts[teacher].knobs), ...(network ? { network } : {}) },
    },
    hints: hints.map((id) => ({ id, weight: 0.1, knobs: smallOf(hintAbouts[id].knobs) })),
    weighting: { id: weighting, knobs: smallOf(weightingAbouts[weighting].knobs) },
    student: { network: network ?? 'cnn-4-8', ...student, ...(view ? { view } : {}) },
    schedule: { steps, batch, evaluateEvery: steps, optimiser, learningRate: 0.01 },
    objective: { control: false },
  });
  return withShortGeneration(recipe, { dSteps: 2 });
}
