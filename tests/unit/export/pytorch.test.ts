/**
 * Folders of PyTorch, one of each kind of thing that they do. Every recipe is tried in `pytorch-recipes.long.test.ts`, whole
 * runs beside the page's in `pytorch-parity.long.test.ts`, runs that stop or are shared in `pytorch-folders.long.test.ts`.
 */
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultRecipe, readRecipe, type Recipe } from '../../../src/distill/recipe';
import { pytorchProblem } from '../../../src/export/pytorch/supported';
import { readSafetensors } from '../../../src/nn/safetensors';
import { python } from '../../support/pytorch';
import { blobs } from '../../support/task-sets';
import { tinyDataset } from '../training/tiny';
import {
  aboutOf,
  between,
  curveOf,
  curveOfPage,
  distanceOf,
  finalOf,
  lastCurve,
  stoppedAt,
  unpacked,
  usePyTorchFolders,
  type Unpacked,
} from './pytorch-folder';
import { otherSets, recipes, recipeWith, systems, teacherOf } from './pytorch-recipes';

const used = usePyTorchFolders();
const few = { dataset: 'upload', labelsPerClass: 12, unlabelled: 40 };

/** Class folders; a loss that builds on another one, one that remembers, and one that prepares the student. */
const ofImages = recipeWith([], {
  hints: [
    { id: 'lskd', knobs: { base: 'dkd' } },
    { id: 'crd', knobs: { negatives: 16, width: 8 } },
    { id: 'fitnet', knobs: { stages: 'two', initShare: 50 } },
  ],
  material: { ...few, shift: 1, flip: true },
  schedule: { steps: 9, batch: 12, evaluateEvery: 4, optimiser: 'adam', learningRate: 0.003 },
});
const ofTable = recipeWith(['kd', 'sp'], {
  student: { network: 'mlp-8' },
  teacher: teacherOf('mlp-16'),
  material: { ...few, labelNoise: 30 },
});

/** Of a run as it has ended, and as it rests in its middle. */
let images: Unpacked;
let stopped: Unpacked;
let table: Unpacked;
beforeAll(async () => {
  ({ ended: images, stopped } = await stoppedAt(4, used.place, 'images', ofImages));
  table = await unpacked(used.place, 'table', ofTable, blobs());
});

test('a folder of images holds what its script reads, and nothing else', async () => {
  const { place, events } = images;
  const about = await aboutOf(images);
  expect(about.recipe).toEqual(ofImages);
  expect(readRecipe(about)).toEqual({ recipe: ofImages, problems: [] });
  expect(Object.keys(about.firstBatch.losses)).toEqual(['ce', ...about.hintKeys]);
  expect(about.score).toMatchObject(finalOf(ofImages, events));
  const [start, trained] = await Promise.all(
    ['student-start', 'student'].map(async (name) =>
      readSafetensors(await readFile(join(place, `weights/${name}.safetensors`))),
    ),
  );
  expect(start!.map((entry) => entry.name)).toEqual(trained!.map((entry) => entry.name));
  expect(start).not.toEqual(trained);
  const [heading, ...lines] = (await readFile(join(place, 'data/train.csv'), 'utf8')).trim().split('\n');
  expect(heading).toBe('file,given,role,place');
  expect(lines).toHaveLength(tinyDataset().train.count);
  const files = async (folder: string) => (await readdir(join(place, folder))).toSorted();
  expect(await files('teachers')).toEqual(['__init__.py', 'base.py', 'frozen.py']);
  expect(await files('networks')).toEqual(['__init__.py', 'base.py', 'cnn.py']);
  expect(await files('tasks')).toEqual(['__init__.py', 'base.py', 'classification.py']);
  expect(await files('weighting')).toEqual(['__init__.py', 'balance.py', 'fixed.py']);
  expect(await files('hints')).toEqual(
    [
      '__init__',
      'answers',
      'banks',
      'base',
      'crd',
      'dkd',
      'fitnet',
      'kd',
      'labels',
      'lskd',
      'maps',
      'negatives',
      'prelude',
      'two_stage',
      'vectors',
    ].map((name) => `${name}.py`),
  );
});

test('a folder of a table holds its data as arrays', async () => {
  const { place, events } = table;
  const about = await aboutOf(table);
  expect(about.score).toMatchObject(finalOf(ofTable, events));
  expect((await readdir(join(place, 'data'))).toSorted()).toEqual(['test.safetensors', 'train.safetensors']);
  const files = await readdir(place);
  expect(files).not.toContain('pictures.py');
  expect(files).not.toContain('preludes.py');
  expect(await readFile(join(place, 'README.md'), 'utf8')).not.toMatch(/class folder|CLASS/);
});

describe.skipIf(!python)('with PyTorch', () => {
  test.each(['images', 'table'])(
    'the losses of the first batch and the scores of %s are the page’s',
    async (name) => {
      const output = await used.pytorch.run(join(used.place, name, 'train.py'), '--check', '--device', 'cpu');
      expect(output).toContain('The losses are equal.');
      expect(output).toContain('The scores are equal.');
    },
  );

  test('all steps are the page’s, also of a training that was stopped and goes on', async () => {
    const { pytorch } = used;
    const { steps, losses, weights } = await distanceOf(images, pytorch);
    expect(steps).toBe(ofImages.schedule.steps);
    expect(losses).toBeLessThan(1e-6);
    expect(weights).toBeLessThan(1e-5);
    const whole = await lastCurve(images);
    const checkpoint = ['--checkpoint', join(images.place, 'run.pt')];
    await curveOf(images, pytorch, ...checkpoint, '--at-most', '6');
    expect(await curveOf(images, pytorch, ...checkpoint, '--resume')).toEqual(whole);
  });

  test('a run that was stopped in the page goes on as there', async () => {
    const { steps, losses, weights } = between(
      await curveOf(stopped, used.pytorch, '--resume'),
      await curveOfPage(images),
    );
    expect(steps).toBe(ofImages.schedule.steps - 4);
    expect(losses).toBeLessThan(1e-6);
    expect(weights).toBeLessThan(1e-5);
  });

  test('two processes take the steps of one', async () => {
    const { pytorch } = used;
    const alone = await curveOf(table, pytorch);
    const { losses, weights } = between(await curveOf({ ...table, processes: 2 }, pytorch), alone);
    expect(losses).toBeLessThan(1e-5);
    expect(weights).toBeLessThan(1e-5);
  });

  test('without images the scripts say what to do', async () => {
    const bare = join(used.place, 'bare');
    await cp(images.place, bare, { recursive: true });
    await rm(join(bare, 'data/test'), { recursive: true });
    const asked = used.pytorch.run(join(bare, 'train.py'), '--device', 'cpu');
    await expect(asked).rejects.toThrow(/There are no pictures in .*test\. Put your own into/);
  });
});

test('a recipe that PyTorch cannot go on with is refused with a sentence', () => {
  expect(pytorchProblem(defaultRecipe())).toBeNull();
  const foreign = { kind: 'single', knobs: { source: 'file', file: 'ab12', fileNetwork: 'tfjs-model' } };
  const asked = (changes: object, hints = ['kd']) =>
    pytorchProblem(recipeWith(hints, { teacher: foreign, ...changes }));
  expect(asked({})).toBeNull();
  expect(asked({ material: { dataset: 'upload', trainNoise: 20, teacherView: 'undisturbed' } })).toBeNull();
  expect(asked({ material: { dataset: 'upload', shift: 2 } })).toContain('Set it to 0.');
  expect(asked({ material: { dataset: 'upload', flip: true } })).toContain('Turn it off.');
  expect(asked({}, ['mlld'])).toContain('Take the loss out.');
  const recorded = { kind: 'recorded', knobs: { file: 'ab12' } };
  expect(asked({ material: { dataset: 'upload', shift: 2 }, teacher: recorded })).toBeNull();
});

test('a recipe of each method leaves', () => {
  const refused = methods.filter(({ apply }) => pytorchProblem(apply(defaultRecipe())) !== null);
  expect(refused.map(({ id }) => id)).toEqual([]);
  const all: Recipe[] = [...recipes, ...systems, ...otherSets].map(([, recipe]) => recipe);
  for (const recipe of all) expect(pytorchProblem(recipe)).toBeNull();
});
