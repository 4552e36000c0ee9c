/**
 * Teachers that leave as their answers to each instance: recorded ones of all kinds, and a model of TensorFlow.js that was made
 * elsewhere. Sixty steps of the page beside sixty steps of the folder, and the last thirty from where the page stood in its middle.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Dataset } from '../../../src/data/dataset';
import { answersFile } from '../../../src/export/answers-file';
import { modelFile } from '../../../src/export/model-file';
import type { WeightFile } from '../../../src/nn/read-weights';
import { writeSafetensors } from '../../../src/nn/safetensors';
import { RandomStream } from '../../../src/random/streams';
import { python } from '../../support/pytorch';
import { hands, labelledRows } from '../../support/task-sets';
import { storedExportBundle } from '../../../src/training/stored-export-bundle';
import { noAssets, tinyDataset, tinyRecipe, train } from '../training/tiny';
import { experimentOf, folderOf, unzipped } from './experiment-cells';
import {
  aboutOf,
  between,
  curveOf,
  curveOfPage,
  distanceOf,
  expectNear,
  stoppedAt,
  usePyTorchFolders,
  type Unpacked,
} from './pytorch-folder';

const used = usePyTorchFolders();

const schedule = { steps: 60, batch: 16, evaluateEvery: 30, optimiser: 'adam', learningRate: 0.003 };
const few = { dataset: 'upload', labelsPerClass: 12, unlabelled: 40 };
const kd = [{ id: 'kd' }];

/** Numbers for every instance, which favour its class where it has one. */
function numbersFor({ train: many, test: few, target }: Dataset, seed: number) {
  const random = RandomStream.fork(seed, 'answers');
  const width = target.names.length;
  const of = ({ count, targets }: Dataset['train']) =>
    Float32Array.from({ length: count * width }, (_, i) => {
      const isOwn = target.kind === 'class' && targets.values[Math.floor(i / width)] === i % width;
      return random.normal() + (isOwn ? 2 : 0);
    });
  return { names: target.names, target: target.kind, scale: null, train: of(many), test: of(few) };
}

function answersIn(set: Dataset, seed: number, { hasTest = true, asProbabilities = false } = {}): WeightFile {
  const found = numbersFor(set, seed);
  const softened = (values: Float32Array) => {
    const rows = values.length / found.names.length;
    for (let row = 0; row < rows; row++) {
      const own = values.subarray(row * found.names.length, (row + 1) * found.names.length);
      const sum = own.reduce((total, value) => total + Math.exp(value), 0);
      own.forEach((value, i) => (own[i] = Math.exp(value) / sum));
    }
    return values;
  };
  const answers = asProbabilities
    ? { ...found, train: softened(found.train), test: softened(found.test) }
    : found;
  const bytes = answersFile({ ...answers, test: hasTest ? answers.test : null }, 'csv');
  return { path: `teacher-${seed}.csv`, bytes };
}

/** Features of two stages and an embedding, beside answers. */
function featuresOf({ train: many, test: few }: Dataset): WeightFile {
  const random = RandomStream.fork(1, 'features');
  const rows = many.count + few.count;
  const part = (name: string, shape: number[]) => {
    const size = shape.reduce((product, side) => product * side, rows);
    return {
      name,
      shape: [rows, ...shape],
      data: Float32Array.from({ length: size }, () => random.uniform()),
    };
  };
  const parts = [part('stages.0', [8, 8, 3]), part('stages.1', [4, 4, 5]), part('embedding', [6])];
  return { path: 'teacher-1.maps.safetensors', bytes: writeSafetensors(parts) };
}

interface Case {
  name: string;
  changes: Record<string, unknown>;
  knobs?: Record<string, unknown>;
  set?: Dataset;
  files: readonly WeightFile[];
  /** Largest distance of losses; of weights it may be fifty times as much. */
  within?: number;
  options?: string[];
}

const bars = tinyDataset();
const angles = hands(60, 8);
const table = labelledRows(60);
const one = [answersIn(bars, 1)];
const three = [1, 2, 3].map((seed) => answersIn(bars, seed));
const cases: Case[] = [
  { name: 'logits', changes: { hints: kd }, files: one },
  {
    name: 'few labels, moved and noisy images',
    changes: { hints: kd, material: { ...few, shift: 1, flip: true, trainNoise: 10 } },
    files: one,
  },
  {
    name: 'partners',
    changes: { hints: kd, material: { dataset: 'upload', partner: 'class' } },
    files: one,
  },
  {
    name: 'probabilities of the training images alone',
    changes: { hints: [{ id: 'dkd' }] },
    knobs: { fileAnswers: 'probabilities' },
    files: [answersIn(bars, 1, { hasTest: false, asProbabilities: true })],
  },
  {
    name: 'wrong answers',
    changes: { hints: kd },
    knobs: { corruption: 'rotated' },
    files: one,
  },
  {
    name: 'an average of probabilities, balanced losses',
    changes: {
      hints: [...kd, { id: 'sp', knobs: { space: 'logits' } }],
      weighting: { id: 'fixed', knobs: { autoBalance: true } },
    },
    knobs: { fileMembers: 3, average: 'probabilities' },
    files: three,
  },
  {
    name: 'weights by HKD on held-out images',
    changes: {
      hints: [...kd, { id: 'sp', knobs: { space: 'logits' } }],
      weighting: { id: 'hint-dynamic', knobs: { metaSet: 'held-out', metaPerClass: 5 } },
    },
    files: one,
    within: 1e-4,
    options: ['--hypergradient', 'differences'],
  },
  {
    name: 'one teacher a step',
    changes: { hints: kd },
    knobs: { fileMembers: 3, mode: 'switch' },
    files: three,
  },
  {
    name: 'a copy of the data for each teacher',
    changes: { hints: kd, material: few },
    knobs: { fileMembers: 3, mode: 'augment' },
    files: three,
  },
  {
    name: 'features',
    changes: {
      hints: [...kd, { id: 'at' }, { id: 'fitnet' }, { id: 'rkd' }],
      student: { network: 'cnn2-2-4' },
    },
    knobs: { fileMaps: '8x8x3 4x4x5 | 6' },
    files: [...one, featuresOf(bars)],
  },
  {
    name: 'numbers',
    changes: { hints: [{ id: 'logits' }] },
    set: angles,
    files: [answersIn(angles, 1)],
  },
  {
    name: 'labels of a table',
    changes: { hints: [{ id: 'mld' }], student: { network: 'mlp-8' } },
    set: table,
    files: [answersIn(table, 1)],
  },
];

async function asPage(
  folder: Unpacked,
  stopped: Unpacked,
  { within = 1e-6, options = [] }: Pick<Case, 'within' | 'options'> = {},
) {
  const { pytorch } = used;
  const script = join(folder.place, 'train.py');
  const told = await pytorch.run(script, '--device', 'cpu', '--check');
  expect(told).toContain('The losses are equal.');
  expect(told).toContain('The scores are equal.');
  const goesOn = between(await curveOf(stopped, pytorch, ...options, '--resume'), await curveOfPage(folder));
  const distances = [await distanceOf(folder, pytorch, ...options), goesOn];
  await expectNear(folder, pytorch, distances, within, options);
}

const made = async ({ name, changes, knobs, set, files }: Case) => {
  const recipe = tinyRecipe({
    schedule,
    objective: { control: false },
    ...changes,
    teacher: { kind: 'recorded', knobs: { file: 'ab12', ...knobs } },
  });
  return stoppedAt(30, used.place, name, recipe, set, { importedFiles: () => Promise.resolve(files) });
};

test.skipIf(!python).each(cases)(
  'sixty steps with recorded answers, $name, are those of PyTorch',
  async (one) => {
    const { ended, stopped } = await made(one);
    await asPage(ended, stopped, one);
  },
);

describe.skipIf(!python)('a folder with recorded answers', () => {
  let folder: Unpacked;
  const run = (place: string, ...options: string[]) =>
    used.pytorch.run(join(place, 'train.py'), '--device', 'cpu', ...options);
  beforeAll(async () => {
    folder = (await made({ ...cases[0]!, name: 'used' })).ended;
  });

  test('holds the table and what reads it, and no network of the teacher', async () => {
    const { place } = folder;
    expect((await readdir(join(place, 'teachers'))).toSorted()).toEqual([
      '__init__.py',
      'base.py',
      'recorded.py',
    ]);
    expect((await readdir(join(place, 'weights'))).toSorted()).toEqual([
      'student-start.safetensors',
      'student.safetensors',
      'teacher-answers.safetensors',
    ]);
    expect(await readFile(join(place, 'README.md'), 'utf8')).toContain('teacher-answers.safetensors');
    expect((await aboutOf(folder)).score.teacher).toBeGreaterThan(0.5);
  });

  test('computes in two processes what it does in one', async () => {
    const student = { network: 'mlp-16' };
    const whole = await made({
      name: 'two processes',
      changes: { hints: [...kd, { id: 'dist' }], student, material: few },
      files: one,
    });
    const alone = await curveOf(whole.ended, used.pytorch);
    const { losses, weights } = between(await curveOf({ ...whole.ended, processes: 2 }, used.pytorch), alone);
    expect(losses).toBeLessThan(1e-5);
    expect(weights).toBeLessThan(1e-4);
  });

  test('goes on from a checkpoint as if it had not stopped', async () => {
    const { pytorch } = used;
    const whole = await curveOf(folder, pytorch, '--steps', '20');
    const checkpoint = ['--steps', '20', '--checkpoint', join(folder.place, 'run.pt')];
    await curveOf(folder, pytorch, ...checkpoint, '--at-most', '9');
    expect(await curveOf(folder, pytorch, ...checkpoint, '--resume')).toEqual(whole);
  });

  test('says that data of one’s own have no answers', async () => {
    await expect(run(folder.place, '--data', 'imagefolder:x')).rejects.toThrow(
      'answers are known for the page',
    );
    const other = join(used.place, 'other');
    await cp(folder.place, other, { recursive: true });
    await rm(join(other, 'data/train.csv'));
    await expect(run(other, '--steps', '1')).rejects.toThrow('for the 120 training instances of the page');
  });
});

test.skipIf(!python).each([
  ['plainly', {}],
  ['with stimuli that are drawn evenly', { unlabelled: 40, unlabelledFrom: 'stimuli', balance: true }],
  ['on images before their noise', { trainNoise: 20, teacherView: 'undisturbed', partner: 'class' }],
])('sixty steps of a model of TensorFlow.js, asked %s, are those of PyTorch', async (name, material) => {
  const learned = { source: 'train', network: 'cnn-4-8', epochs: 6, batch: 20, learningRate: 0.02 };
  const first = await train(tinyRecipe({ hints: kd, teacher: { kind: 'single', knobs: learned } }));
  const weights = new Uint8Array((await first.run.weights('teacher'))!);
  first.run.dispose();
  const who = { learner: 'teacher', run: 'x' };
  const { blob } = modelFile('tfjs', weights, who, { feed: 'pixels', foldBatchNorm: true }, 'x');
  const parts = unzipSync(new Uint8Array(await blob.arrayBuffer()));
  const files = ['model.json', 'weights.bin'].map((path) => ({ path, bytes: parts[path]! }));
  const knobs = {
    source: 'file',
    file: 'ab12',
    fileNetwork: 'tfjs-model',
    fileMean: 0,
    fileDeviation: 1,
  };
  const recipe = tinyRecipe({
    schedule,
    hints: kd,
    objective: { control: false },
    material: { dataset: 'upload', ...material },
    teacher: { kind: 'single', knobs },
  });
  const help = { importedFiles: () => Promise.resolve(files) };
  const { ended, stopped } = await stoppedAt(30, used.place, `tfjs ${name}`, recipe, bars, help);
  await asPage(ended, stopped);
  expect(await readdir(join(ended.place, 'data'))).not.toContain('undisturbed');
  const told = used.pytorch.run(join(ended.place, 'train.py'), '--device', 'cpu', '--shift', '2');
  await expect(told).rejects.toThrow('of the images as they are: leave --shift');
});

test('of a stored run the same answers leave, though nothing of its teacher is stored', async () => {
  const recipe = tinyRecipe({ hints: kd, teacher: { kind: 'recorded', knobs: { file: 'ab12' } } });
  const help = { fetchAsset: noAssets, importedFiles: () => Promise.resolve(one) };
  const { run } = await train(recipe, bars, undefined, help);
  const student = (await run.weights('student'))!;
  const stored = await storedExportBundle({ recipe, dataset: bars, student, teacher: null }, help);
  expect(stored).toEqual(await run.exportBundle());
  expect(stored.answers!.parts.map(({ part }) => part)).toEqual(['logits']);
  run.dispose();
});

describe.skipIf(!python)('an experiment leaves', () => {
  const kinds: [string, Record<string, unknown>, readonly WeightFile[], string][] = [
    [
      'whose teacher sees images before their noise',
      { material: { dataset: 'upload', trainNoise: 30, testNoise: 30, teacherView: 'undisturbed' } },
      [],
      'data/undisturbed',
    ],
    [
      'whose teacher’s answers are recorded',
      { teacher: { kind: 'recorded', knobs: { file: 'ab12' } } },
      one,
      'weights/teacher-answers.safetensors',
    ],
  ];
  test.each(kinds)('%s', async (name, changes, files, needed) => {
    const place = join(used.place, name);
    const help = { importedFiles: () => Promise.resolve(files) };
    const folder = await folderOf(experimentOf(['kd'], [1, 2], changes), help);
    for (const [path, bytes] of Object.entries(await unzipped(folder))) {
      await mkdir(dirname(join(place, path)), { recursive: true });
      await writeFile(join(place, path), bytes);
    }
    await promisify(execFile)(python!, ['run_experiment.py', '--', '--device', 'cpu'], { cwd: place });
    const { results } = JSON.parse(await readFile(join(place, 'results.json'), 'utf8')) as {
      results: { student: number; control: number; failure: string | null }[];
    };
    expect(results.map(({ failure }) => failure)).toEqual([null, null]);
    for (const { control } of results) expect(control).toBeGreaterThan(0);
    for (const run of ['0-1', '0-2']) {
      expect(existsSync(join(place, 'runs', run, needed))).toBe(true);
      const told = await used.pytorch.run(join(place, 'runs', run, 'train.py'), '--device', 'cpu', '--check');
      expect(told).toContain('The losses are equal.');
      expect(told).toContain('The scores are equal.');
    }
  });
});
