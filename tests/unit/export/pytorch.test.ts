import { datasetOfImages } from '../../../src/data/labelled-images';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HintAbout } from '../../../src/distill/about';
import { hintAbouts, hintsInTorch, type HintId } from '../../../src/distill/hints/abouts';
import { defaultRecipe, readRecipe, type Recipe } from '../../../src/distill/recipe';
import { tf } from '../../../src/engine/tf';
import { pytorchZip } from '../../../src/export/pytorch/project-zip';
import { pytorchProblem } from '../../../src/export/pytorch/supported';
import { readSafetensors } from '../../../src/nn/safetensors';
import type { RunEvent } from '../../../src/training/events';
import { python, startPyTorch, type PyTorch } from '../../support/pytorch';
import { ofType, tinyImages, tinyRecipe, train } from '../training/tiny';
import { useWasm } from '../../support/wasm-in-node';

let folder: string;
let pytorch: PyTorch | null = null;

beforeAll(async () => {
  await useWasm();
  folder = await mkdtemp(join(tmpdir(), 'pytorch-'));
});
afterAll(async () => {
  pytorch?.end();
  await rm(folder, { recursive: true, force: true });
});

/** Trains a few steps and writes the project with its images, as after unpacking. */
async function unpacked(name: string, recipe: Recipe): Promise<{ place: string; events: RunEvent[] }> {
  const images = tinyImages();
  const { run: trained, events } = await train(recipe, datasetOfImages(images));
  const failed = events.find((event) => event.type === 'failed');
  if (failed?.type === 'failed') throw new Error(failed.message);
  const before = tf.memory().numTensors;
  const bundle = (await trained.exportBundle())!;
  expect(tf.memory().numTensors).toBe(before);
  trained.dispose();
  const zip = await pytorchZip(bundle, {
    title: recipe.title,
    name,
    images,
    onProgress: () => undefined,
  });
  expect(zip.name).toBe(`${name}.zip`);
  const files = unzipSync(new Uint8Array(await zip.blob.arrayBuffer()));
  for (const [path, bytes] of Object.entries(files)) {
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, bytes);
  }
  return { place: join(folder, name), events };
}

/** What the page measured at the end of those who leave. A spoiled teacher was measured as it was shown. */
function final({ teacher: { knobs } }: Recipe, events: readonly RunEvent[]) {
  const { student, teacher } = ofType(events, 'finished')[0]!.final;
  const spoiled = (knobs['corruption'] ?? 'none') !== 'none';
  return { student, ...(teacher === undefined || spoiled ? {} : { teacher }) };
}

function recipeWith(hints: readonly string[], changes: Record<string, unknown> = {}): Recipe {
  return tinyRecipe({ hints: hints.map((id) => ({ id })), ...changes });
}

const recipes: [string, Recipe][] = [
  ['answers', recipeWith(['kd', 'dkd', 'nkd', 'wsld', 'dist', 'lskd', 'logits', 'kd'])],
  ['maps', recipeWith(['fitnet', 'at', 'nst', 'vid', 'sp', 'rkd', 'pkt', 'cc'])],
  [
    'odd material',
    recipeWith(['lskd', 'fitnet'], {
      hints: [
        { id: 'lskd', knobs: { base: 'dkd' }, shuffled: true },
        { id: 'fitnet', knobs: { hintLayer: 0 } },
      ],
      material: { dataset: 'upload', labelsPerClass: 10, unlabelled: 40, labelNoise: 30, halve: true },
      teacher: {
        kind: 'single',
        knobs: { source: 'train', network: 'mlp-24', epochs: 1, batch: 20, corruption: 'rotated' },
      },
      student: { network: 'mlp-12-8' },
    }),
  ],
  [
    'a student at half size',
    recipeWith(['kd', 'fitnet', 'at'], {
      student: { network: 'cnn-2-4', view: 'half' },
      material: { dataset: 'upload', shift: 1, flip: true },
    }),
  ],
  [
    'relations compared in logits',
    recipeWith([], {
      hints: ['sp', 'rkd', 'pkt', 'cc'].map((id) => ({ id, weight: 1, knobs: { space: 'logits' } })),
    }),
  ],
  [
    'low precision',
    recipeWith(['kd', 'at'], {
      student: { network: 'cnn-2-4-4', bitsWeights: '2', bitsActivations: '4', quantizer: 'dorefa' },
    }),
  ],
  [
    'low precision from the teacher’s weights',
    recipeWith(['kd'], { student: { network: 'cnn-4-8', bitsWeights: '3', start: 'teacher' } }),
  ],
  ['no teacher', recipeWith(['ls', 'tfkd-reg'], { teacher: { kind: 'none' } })],
  [
    'a teacher of the same make',
    recipeWith([], {
      hints: [
        { id: 'tfkd-self' },
        { id: 'fsp', knobs: { stages: 'joint' } },
        { id: 'ls', knobs: { spread: 'others' } },
      ],
      teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-2-4', epochs: 1, batch: 20 } },
    }),
  ],
  [
    'an ensemble',
    recipeWith(['kd', 'at'], {
      teacher: {
        kind: 'ensemble',
        knobs: {
          network: 'cnn-2-4',
          others: 'elu-3',
          members: 2,
          epochs: 1,
          batch: 20,
          average: 'probabilities',
        },
      },
      student: { network: 'elu2-3-4' },
    }),
  ],
  [
    'specialists',
    recipeWith(['soft-answers', 'sp'], {
      teacher: {
        kind: 'specialists',
        knobs: { width: 3, branches: 3, trunk: 2, heads: 'faithful', epochs: 1, batch: 20 },
      },
    }),
  ],
];

const named = new Set(recipes.flatMap(([, { hints }]) => hints.map(({ id }) => id)));
const ofClasses = (id: HintId) => (hintAbouts[id] as HintAbout).targets.includes('class');
const others = hintsInTorch.filter((id) => !named.has(id) && ofClasses(id));
// A hint that no recipe above names is tried as it stands.
recipes.push(...others.map((id): [string, Recipe] => [id, recipeWith([id])]));

test.each(recipes)('a project for %s holds what its script reads', async (name, recipe) => {
  const { place, events } = await unpacked(name, recipe);
  const about = JSON.parse(await readFile(join(place, 'recipe.json'), 'utf8')) as {
    recipe: Recipe;
    hintKeys: string[];
    firstBatch: { rows: number[]; losses: Record<string, number> };
    accuracy: { student: number; teacher?: number };
  };
  expect(about.recipe).toEqual(recipe);
  expect(readRecipe(about)).toEqual({ recipe, problems: [] });
  expect(Object.keys(about.firstBatch.losses)).toEqual(['ce', ...about.hintKeys]);
  expect(Object.values(about.firstBatch.losses).every(Number.isFinite)).toBe(true);
  expect(about.accuracy).toMatchObject(final(recipe, events));
  expect(about.firstBatch.rows).toHaveLength(recipe.schedule.batch);
  const start = readSafetensors(await readFile(join(place, 'weights/student-start.safetensors')));
  const trained = readSafetensors(await readFile(join(place, 'weights/student.safetensors')));
  expect(start.map((entry) => entry.name)).toEqual(trained.map((entry) => entry.name));
  expect(start).not.toEqual(trained);
  const [heading, ...lines] = (await readFile(join(place, 'data/train.csv'), 'utf8')).trim().split('\n');
  expect(heading).toBe('file,given,role');
  expect(lines).toHaveLength(tinyImages().train.count);
});

test('a project holds the losses of its recipe, and those that they build on', async () => {
  const { place } = await unpacked('few losses', recipeWith(['lskd', 'soft-answers']));
  const files = await readdir(join(place, 'hints'));
  expect(files.sort()).toEqual(['__init__.py', 'base.py', 'dkd.py', 'kd.py', 'lskd.py', 'soft_answers.py']);
});

describe.skipIf(!python)('with PyTorch', () => {
  const run = (script: string, ...options: string[]) =>
    (pytorch ??= startPyTorch()).run(script, ...options, '--device', 'cpu');

  test.each(recipes)('the losses of the first batch of %s are the page’s', async (name) => {
    const output = await run(join(folder, name, 'train.py'), '--check');
    expect(output).toContain('The losses are equal.');
    expect(output).toContain('The accuracies are equal.');
  });

  test('training goes on, and the page reads what was saved', async () => {
    const place = join(folder, 'maps');
    expect(await run(join(place, 'train.py'), '--steps', '5')).toMatch(/step 5\/5 {2}total [\d.]+/);
    const [saved, start] = await Promise.all(
      ['student.safetensors', 'weights/student-start.safetensors'].map(async (file) =>
        readSafetensors(await readFile(join(place, file))),
      ),
    );
    const shapes = (state: typeof saved) =>
      Object.fromEntries(state!.map((entry) => [entry.name, entry.shape.join()]));
    expect(shapes(saved)).toEqual(shapes(start));
  });

  test('without images the scripts say what to do, and go on with a person’s own', async () => {
    const bare = join(folder, 'bare');
    await cp(join(folder, 'maps'), bare, { recursive: true });
    await rm(join(bare, 'data/test'), { recursive: true });
    const asked = run(join(bare, 'train.py'), '--steps', '1');
    await expect(asked).rejects.toThrow(/There are no pictures in .*test\. Put your own into/);
    await rename(join(bare, 'data/train'), join(bare, 'data/test'));
    const train = run(join(bare, 'train.py'), '--steps', '1');
    await expect(train).rejects.toThrow(/first\/\d+\.png is not in .*delete train\.csv/);
  });
});

test('a recipe that PyTorch cannot go on with is refused with a sentence', () => {
  expect(pytorchProblem(defaultRecipe())).toBeNull();
  const dataset = { id: 'blobs', title: 'Blobs', classes: ['a', 'b'], shape: [2] as const };
  expect(pytorchProblem(defaultRecipe(), { dataset })).toContain('images of classes');
  expect(pytorchProblem(recipeWith(['review']))).toContain('has no “');
  expect(pytorchProblem(recipeWith(['fsp']))).toContain('in two stages yet');
  const embedded = { hints: [{ id: 'cc', knobs: { form: 'embedded' } }] };
  expect(pytorchProblem(recipeWith([], embedded))).toContain('with trained embeddings yet');
  expect(pytorchProblem(recipeWith(['kd'], { weighting: { id: 'hint-dynamic' } }))).toContain(
    'fixed weights',
  );
  expect(pytorchProblem(recipeWith(['kd'], { teacher: { kind: 'peers' } }))).toContain(
    'no teacher like “DML · Peers”',
  );
});
