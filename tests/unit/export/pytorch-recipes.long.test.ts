/** Folders of many recipes: what they hold, what they say, and that they compute what the page does. */
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { classNames, type Dataset } from '../../../src/data/dataset';
import { readRecipe, type Recipe } from '../../../src/distill/recipe';
import { tf } from '../../../src/engine/tf';
import { networksModule, type NetworksAbout } from '../../../src/export/pytorch/networks';
import { scriptsFor } from '../../../src/export/pytorch/scripts';
import { Network } from '../../../src/nn/network';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../../../src/nn/safetensors';
import { RandomStream } from '../../../src/random/streams';
import type { Metrics } from '../../../src/record/run-metrics';
import { python } from '../../support/pytorch';
import { blobs } from '../../support/task-sets';
import { ofType, tinyRecipe } from '../training/tiny';
import {
  aboutOf,
  between,
  curveOf,
  finalOf,
  unpacked as unpackedIn,
  usePyTorchFolders,
  type Unpacked,
} from './pytorch-folder';
import { otherSets, recipes, recipeWith, systems, teacherOf } from './pytorch-recipes';

const used = usePyTorchFolders();
const unpacked = (name: string, recipe: Recipe, set?: Dataset) => unpackedIn(used.place, name, recipe, set);
const ofImages = [...recipes, ...systems];

const run = (script: string, ...options: string[]) => used.pytorch.run(script, ...options, '--device', 'cpu');

async function checked({ place }: Unpacked) {
  if (!python) return;
  const output = await run(join(place, 'train.py'), '--check');
  expect(output).toContain('The losses are equal.');
  expect(output).toContain('The scores are equal.');
}

test.each(ofImages)('a folder for %s computes what the page does', async (name, recipe) => {
  const folder = await unpacked(name, recipe);
  const about = await aboutOf(folder);
  expect(about.recipe).toEqual(recipe);
  expect(readRecipe(about)).toEqual({ recipe, problems: [] });
  expect(Object.keys(about.firstBatch.losses)).toEqual(['ce', ...about.hintKeys]);
  expect(about.score).toMatchObject(finalOf(recipe, folder.events));
  expect(about.firstBatch.rows).toHaveLength(recipe.schedule.batch);
  await checked(folder);
});

test.each(otherSets)('a folder for %s computes what the page does', async (name, recipe, set, key) => {
  const folder = await unpacked(name, recipe, set);
  const about = await aboutOf(folder);
  expect(Object.keys(about.firstBatch.losses)).toEqual([key, ...about.hintKeys]);
  expect(about.score).toMatchObject(finalOf(recipe, folder.events));
  expect((await readdir(join(folder.place, 'data'))).toSorted()).toEqual([
    'test.safetensors',
    'train.safetensors',
  ]);
  await checked(folder);
});

describe.skipIf(!python)('used by a person', () => {
  const withName = (name: string) => {
    const [, recipe, set] = [...otherSets, ...ofImages].find(([known]) => known === name)!;
    return unpacked(`${name}, used`, recipe, set as Dataset | undefined);
  };
  let maps: Unpacked;
  let ofTable: Unpacked;
  beforeAll(async () => {
    maps = await withName('maps');
    ofTable = await withName('a table of classes');
  });

  test('training goes on, and the page reads what was saved', async () => {
    const { place } = maps;
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

  test.each([
    ['two numbers, from a table', 'MAE [\\d.]+ SD'],
    ['several labels', 'mAP [\\d.]+ %'],
    ['numbers, weighted by HKD', 'MAE [\\d.]+'],
  ])('training goes on for %s, from the start and from where the page stopped', async (name, score) => {
    const { place } = await withName(name);
    const went = await run(join(place, 'train.py'), '--steps', '5');
    expect(went).toMatch(new RegExp(`step 5/5 .*test ${score}`));
    const on = await run(join(place, 'train.py'), '--steps', '5', '--from', 'trained');
    expect(on).toMatch(new RegExp(`before the first step  test ${score}`));
    expect(on).not.toContain('On the page it can teach');
    const [saved, page] = await Promise.all(
      ['student.safetensors', 'weights/student.safetensors'].map(async (file) =>
        readSafetensorsMetadata(await readFile(join(place, file))),
      ),
    );
    expect(saved).toEqual(page);
  });

  test('a published protocol is kept to by DOT in its own way', async () => {
    const { place } = await withName('momentum apart');
    const asked = ['--preset', 'cifar100-240', '--steps', '2', '--batch', '12'];
    expect(await run(join(place, 'train.py'), ...asked)).toMatch(/step 2\/2 {2}total [\d.]+/);
  });

  test('a table of losses has every step, also after a training was killed', async () => {
    const { place } = maps;
    const log = join(place, 'killed.csv');
    const train = spawn(
      python!,
      [
        join(place, 'train.py'),
        ...['--device', 'cpu', '--steps', '100000', '--evaluate-every', '5', '--csv', log],
        ...['--checkpoint', join(place, 'killed.pt')],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise<void>((resolve) =>
      train.stdout.on('data', (text: Buffer) => text.toString().includes('step 20/') && resolve()),
    );
    const ended = new Promise((resolve) => train.on('exit', resolve));
    train.kill('SIGKILL');
    await ended;
    await run(
      join(place, 'train.py'),
      ...['--steps', '100000', '--evaluate-every', '5', '--csv', log, '--at-most', '3', '--resume'],
      ...['--checkpoint', join(place, 'killed.pt')],
    );
    const [, ...rows] = (await readFile(log, 'utf8')).trim().split(/\r?\n/);
    expect(rows.length).toBeGreaterThanOrEqual(18);
    expect(rows.map((row) => Number(row.split(',')[0]))).toEqual(rows.map((_, i) => i + 1));
  });

  test('what is measured beside the accuracy is what the page measures', async () => {
    const { place, events } = ofTable;
    await run(join(place, 'train.py'), '--steps', '0', '--from', 'trained');
    const { further, final, trainedIn, steps } = JSON.parse(
      await readFile(join(place, 'metrics.json'), 'utf8'),
    ) as Metrics;
    const page = ofType(events, 'finished')[0]!;
    expect(trainedIn).toMatch(/^PyTorch \d.* on cpu/);
    expect(steps.student.steps).toEqual([]);
    for (const learner of ['student', 'teacher'] as const) {
      expect(final![learner]).toBeCloseTo(page.final[learner]!, 5);
      for (const [id, scores] of Object.entries(page.further!))
        if (scores[learner] !== undefined) expect(further![id]![learner], id).toBeCloseTo(scores[learner], 4);
    }
  });

  test('networks compute in bfloat16 where that is asked for; what cannot be is said in a sentence', async () => {
    const script = join(maps.place, 'train.py');
    expect(await run(script, '--steps', '2', '--precision', 'bf16')).toMatch(/step 2\/2 {2}total [\d.]+/);
    await expect(run(script, '--precision', 'f16')).rejects.toThrow('f16 needs a GPU by CUDA');
    await expect(run(script, '--sync-bn')).rejects.toThrow('for several GPUs');
    await expect(run(script, '--batch', '0')).rejects.toThrow('0 is no whole number above 0');
    await expect(run(script, '--csv', '/no such/x.csv')).rejects.toThrow('there is no folder /no such');
    const junk = join(maps.place, 'recipe.json');
    await expect(run(script, '--resume', '--checkpoint', junk)).rejects.toThrow(
      'is no checkpoint of this script',
    );
    const compiled = run(script, '--steps', '1', '--compile');
    await compiled.then(
      (output) => expect(output).toContain('step 1/1'),
      (error: Error) =>
        expect(error.message).toMatch(/^--compile needs PyTorch 2.0 or newer; this is .*\.\n$/),
    );
  });

  test('folders of images and tables of one’s own take the place of the page’s data', async () => {
    const own = join(used.place, 'own images');
    await cp(join(maps.place, 'data'), own, { recursive: true });
    const images = ['--data', `imagefolder:${own}`, '--epochs', '1'];
    const { place: memories } = await withName('memories');
    expect(await run(join(memories, 'train.py'), ...images)).toMatch(/step 10\/10 .*test accuracy/);
    await rename(join(own, 'train/first'), join(own, 'train/fifth'));
    await expect(run(join(maps.place, 'train.py'), ...images)).rejects.toThrow('has no class “fifth”');
    const { place } = ofTable;
    const { inputs, classes } = { inputs: blobs().inputs['input']!, classes: classNames(blobs()) };
    if (inputs.kind !== 'vector') throw new Error('Blobs are rows of a table.');
    const lines = classes.flatMap((name, i) =>
      Array<string>(8).fill([name, ...inputs.names.map(() => i)].join(',')),
    );
    const table = [['kind', ...inputs.names].join(','), ...lines].join('\n');
    await mkdir(join(place, 'own'));
    await Promise.all(['train', 'test'].map((split) => writeFile(join(place, `own/${split}.csv`), table)));
    const rows = ['--data', `csv:${join(place, 'own')}`, '--steps', '2'];
    await expect(run(join(place, 'train.py'), ...rows)).rejects.toThrow('--target NAME, one of kind,');
    expect(await run(join(place, 'train.py'), ...rows, '--target', 'kind')).toMatch(
      /step 2\/2 .*test accuracy/,
    );
    const bare = lines
      .map((line) => line.split(','))
      .map(([kind, ...numbers]) => [...numbers, kind].join('\t'));
    await Promise.all(
      ['train', 'test'].map((split) => writeFile(join(place, `own/${split}.data`), bare.join('\n'))),
    );
    await Promise.all(['train', 'test'].map((split) => rm(join(place, `own/${split}.csv`))));
    const text = ['--data', `text:${join(place, 'own')}`, '--steps', '2'];
    expect(await run(join(place, 'train.py'), ...text)).toMatch(/step 2\/2 .*test accuracy/);
  });

  test('a list of pictures with numbers takes the place of the page’s data', async () => {
    const { place } = await withName('a number, from images');
    const own = join(used.place, 'own list');
    await cp(join(maps.place, 'data/test/first'), own, { recursive: true });
    const files = await readdir(own);
    const list = files.map((file, i) => `${file} ${i}`).join('\n');
    await Promise.all(['train', 'val'].map((split) => writeFile(join(own, `${split}.txt`), list)));
    const asked = ['--data', `list:${own}`, '--steps', '2', '--batch', '4'];
    expect(await run(join(place, 'train.py'), ...asked)).toMatch(/step 2\/2 .*test MAE/);
  });

  test('arrays of one’s own need inputs and targets alone, and are asked for in words', async () => {
    const place = join(used.place, 'own arrays');
    await cp(ofTable.place, place, { recursive: true });
    await rm(join(place, 'data'), { recursive: true });
    const train = () => run(join(place, 'train.py'), '--steps', '2');
    await expect(train()).rejects.toThrow(
      /There is no .*train\.safetensors.*"inputs" \[N, 4\] and "targets" \[N\]/,
    );
    await mkdir(join(place, 'data'));
    const write = (width: number) => {
      const inputs = { name: 'inputs', shape: [20, width], data: new Float32Array(20 * width).fill(1) };
      const targets = {
        name: 'targets',
        shape: [20],
        data: Int32Array.from({ length: 20 }, (_, i) => (i % 4) - 1),
      };
      const bytes = writeSafetensors([inputs, targets]);
      return Promise.all(
        ['train', 'test'].map((split) => writeFile(join(place, `data/${split}.safetensors`), bytes)),
      );
    };
    await write(3);
    await expect(train()).rejects.toThrow(/has "inputs" of shape \[20, 3\]/);
    await write(4);
    expect(await train()).toMatch(/step 2\/2 .*test accuracy/);
  });

  test('without images the scripts say what to do, and go on with a person’s own', async () => {
    const bare = join(used.place, 'bare');
    await cp(maps.place, bare, { recursive: true });
    await rm(join(bare, 'data/test'), { recursive: true });
    const asked = run(join(bare, 'train.py'), '--steps', '1');
    await expect(asked).rejects.toThrow(/There are no pictures in .*test\. Put your own into/);
    await rename(join(bare, 'data/train'), join(bare, 'data/test'));
    const train = run(join(bare, 'train.py'), '--steps', '1');
    await expect(train).rejects.toThrow(/first\/\d+\.png is not in .*delete train\.csv/);
  });
});

/** Builds the networks of a folder, gives them the page's weights, and says how far their traces are from the page's. */
const builds = `
import sys
place = sys.argv[1]
sys.path.insert(0, place)
import torch
import weights
from networks import make_teachers

def listed(value, name=""):
    if isinstance(value, dict):
        return [pair for key, each in value.items() for pair in listed(each, f"{name}/{key}")]
    if isinstance(value, list):
        return [pair for i, each in enumerate(value) for pair in listed(each, f"{name}/{i}")]
    return [(name[1:], value)]

for i, network in enumerate(make_teachers()):
    weights.load_into(network, f"{place}/state-{i}.safetensors")
    page = weights.load(f"{place}/trace-{i}.safetensors")
    with torch.no_grad():
        trace = network.eval()(page.pop("inputs").permute(0, 3, 1, 2))
    found = {name: value.permute(0, 2, 3, 1) if value.dim() == 4 else value for name, value in listed(trace)}
    assert found.keys() == page.keys(), (i, found.keys() ^ page.keys())
    for name, value in page.items():
        apart = (found[name] - value).abs().max() / value.abs().max()
        assert apart < 1e-4, (i, name, apart)
`;

/** Writes the networks' module with weights, inputs [2,side,side,3] and the traces of the page. */
async function writtenNetworks(place: string, names: readonly string[], side: number): Promise<void> {
  const input = [side, side, 3] as const;
  const about = {
    recipe: tinyRecipe(),
    feed: { input },
    dataset: { target: { names: Array.from({ length: 10 }, String) } },
    teachers: names.map((network) => ({ network })),
    precision: null,
  } as unknown as NetworksAbout;
  const { text, modules } = networksModule(about, false);
  const files = { ...scriptsFor(['weights', ...modules]), 'networks/__init__.py': text };
  await mkdir(join(place, 'networks'), { recursive: true });
  await Promise.all(Object.entries(files).map(([path, content]) => writeFile(join(place, path), content)));
  const random = RandomStream.fork(1, 'networks');
  for (const [i, name] of names.entries()) {
    const network = Network.create(name, input, 10, random);
    // Running means and variances too must come where they belong.
    const state = (await network.module.exportState()).map((array) => ({
      ...array,
      data: array.data.map((value) => value * (0.8 + 0.4 * random.uniform()) + 0.02 * random.uniform()),
    }));
    network.module.loadState(state);
    const pixels = Array.from({ length: 6 * side ** 2 }, () => 2 * random.uniform() - 1);
    const inputs = tf.tensor4d(pixels, [2, ...input]);
    const trace = tf.tidy(() => network.forward(inputs, { training: false }));
    const { more = {}, stages, preActivations, ...single } = trace;
    const named: [string, tf.Tensor][] = [
      ['inputs', inputs],
      ...Object.entries(single),
      ...stages.map((map, k): [string, tf.Tensor] => [`stages/${k}`, map]),
      ...preActivations.map((map, k): [string, tf.Tensor] => [`pre_activations/${k}`, map]),
      ...Object.values(more).map((map, k): [string, tf.Tensor] => [`maps/${k}`, map]),
    ];
    const arrays = await Promise.all(
      named.map(async ([key, value]) => ({
        ...{ name: key, shape: value.shape },
        data: (await value.data()) as Float32Array<ArrayBuffer>,
      })),
    );
    tf.dispose([inputs, trace]);
    network.dispose();
    await writeFile(join(place, `state-${i}.safetensors`), writeSafetensors(state));
    await writeFile(join(place, `trace-${i}.safetensors`), writeSafetensors(arrays));
  }
}

test.skipIf(!python).each([
  [
    32,
    [
      ...[
        'mlp-8',
        'mlp-8-6',
        'cnn-2-4',
        'cnn2-2-4',
        'cnn2-2-4-pool',
        'elu-2-4',
        'elu2-2-4',
        'resnet8',
        'resnet14x2',
      ],
      ...['wrn_10_1', 'wrn_16_2', 'vgg8', 'vgg13', 'MobileNetV2', 'MobileNetV2-32', 'ShuffleV1', 'ShuffleV2'],
      ...['ResNet18', 'ResNet18-pool', 'ResNet50', 'VGG11-bn', 'VGG11-bn-16', 'cnn-2-4+cifar10'],
    ],
  ],
  [64, ['vgg8', 'ResNet18-stem7', 'MobileNetV2-224', 'VGG11-bn-16-flat', 'elu-2-4-6']],
] as const)('networks for images of %i pixels compute what the page’s do', async (side, names) => {
  const place = join(used.place, `networks ${side}`);
  await writtenNetworks(place, names, side);
  execFileSync(python!, ['-c', builds, place]);
});

describe.skipIf(!python)('in several processes', () => {
  const ofRows = { student: { network: 'mlp-16' }, teacher: teacherOf('mlp-24') };
  const schedule = { steps: 12, batch: 15, evaluateEvery: 12, learningRate: 0.01 };
  const few = { dataset: 'upload', labelsPerClass: 12, unlabelled: 40 };
  const cases: [string, Recipe][] = [
    [
      'what compares instances',
      recipeWith(['rkd', 'sp', 'dist', 'ls'], { ...ofRows, schedule, material: few }),
    ],
    [
      'memories and HKD',
      recipeWith([], {
        ...ofRows,
        hints: [{ id: 'crd', knobs: { negatives: 16, width: 8 } }, { id: 'kd' }],
        weighting: { id: 'hint-dynamic' },
        schedule: { ...schedule, optimiser: 'sgd' },
      }),
    ],
  ];
  test.each(cases)('%s takes the steps of one', async (name, recipe) => {
    const { place } = await unpacked(name, recipe);
    const { pytorch } = used;
    const alone = await curveOf({ place }, pytorch);
    const { losses, weights } = between(await curveOf({ place, processes: 2 }, pytorch), alone);
    expect(losses).toBeLessThan(1e-5);
    expect(weights).toBeLessThan(1e-5);
  });

  test('what one process must hold is refused with a sentence', async () => {
    const recipe = recipeWith(['kd'], { teacher: { kind: 'joint', knobs: { network: 'cnn-4-8' } } });
    const { place } = await unpacked('a teacher of one process', recipe);
    const { pytorch } = used;
    const went = pytorch.together(2, join(place, 'train.py'), '--device', 'cpu');
    await expect(went).rejects.toThrow(
      'A teacher that learns beside the student is not shared by processes.',
    );
  });
});
