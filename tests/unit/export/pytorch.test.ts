import { classNames, type Dataset } from '../../../src/data/dataset';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HintAbout } from '../../../src/distill/about';
import { hintAbouts, hintsInTorch } from '../../../src/distill/hints/abouts';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultRecipe, readRecipe, type Recipe } from '../../../src/distill/recipe';
import { pytorchProblem } from '../../../src/export/pytorch/supported';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../../../src/nn/safetensors';
import type { Metrics } from '../../../src/record/run-metrics';
import type { RunEvent } from '../../../src/training/events';
import { isLong, tried } from '../../support/long';
import { between, createPlace, curveOf, removePlace, unpacked as unpackedIn } from './pytorch-folder';
import { python, startPyTorch, type PyTorch } from '../../support/pytorch';
import { ofType, tinyDataset, tinyRecipe } from '../training/tiny';
import { blobs, hands, labelledRows } from '../../support/task-sets';
import { useWasm } from '../../support/wasm-in-node';

let folder: string;
let pytorch: PyTorch | null = null;

beforeAll(async () => {
  await useWasm();
  folder = await createPlace();
});
afterAll(async () => {
  pytorch?.end();
  await removePlace(folder);
});

const unpacked = (name: string, recipe: Recipe, set?: Dataset) => unpackedIn(folder, name, recipe, set);

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
    'noise and a second domain',
    recipeWith(['kd'], {
      material: { dataset: 'upload', unlabelled: 20, unlabelledFrom: 'second-domain', trainNoise: 20 },
    }),
  ],
  [
    'relations compared in logits',
    recipeWith([], {
      hints: [
        ...['sp', 'rkd', 'pkt'].map((id) => ({ id, weight: 1, knobs: { space: 'logits' } })),
        { id: 'cc', knobs: { space: 'logits', form: 'embedded', width: 8 } },
      ],
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

const learns = { network: 'cnn-4-8', epochs: 1, batch: 20 };

/** Methods that are more than a loss between two networks. */
const systems: [string, Recipe][] = [
  ['further losses of logits', recipeWith(['ctkd', 'mlld', 'bss', 'introspective'])],
  ['further losses of maps', recipeWith(['review', 'ab', 'ofd', 'semckd', 'ft'])],
  [
    'memories',
    recipeWith([], {
      hints: [
        { id: 'crd', knobs: { negatives: 16, width: 8 } },
        { id: 'holistic', knobs: { width: 8 } },
      ],
      material: { dataset: 'upload', labelsPerClass: 8, unlabelled: 40 },
    }),
  ],
  [
    'a mix of maps',
    recipeWith([], {
      hints: [{ id: 'dfa', knobs: { searchSteps: 3 } }],
      teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn2-4-8', epochs: 1, batch: 20 } },
    }),
  ],
  ['peers', recipeWith(['dml'], { teacher: { kind: 'peers', knobs: { peers: 2, network: 'cnn-4-8' } } })],
  ['fused students', recipeWith(['ffsd'], { teacher: { kind: 'fusion', knobs: { students: 2 } } })],
  ['a teacher beside', recipeWith(['kd'], { teacher: { kind: 'joint', knobs: { network: 'cnn-4-8' } } })],
  [
    'an adapting teacher',
    recipeWith(['kd-reverse'], {
      material: { dataset: 'upload', labelsPerClass: 12, unlabelled: 40 },
      teacher: { kind: 'adapting', knobs: { network: 'cnn-4-8', moveTeacher: true } },
    }),
  ],
  [
    'a route',
    recipeWith(['kd'], {
      teacher: { kind: 'route', knobs: { ...learns, epochs: 3, strategy: 'stages', anchors: 3 } },
    }),
  ],
  ['codes', recipeWith(['codes'], { teacher: { kind: 'granular', knobs: { source: 'train', ...learns } } })],
  [
    'members that take turns',
    recipeWith(['kd'], {
      teacher: { kind: 'ensemble', knobs: { ...learns, members: 2, mode: 'augment' } },
      material: { dataset: 'upload', partner: 'class' },
    }),
  ],
  [
    'hint-dynamic weights',
    recipeWith(['kd', 'at'], {
      weighting: { id: 'hint-dynamic' },
      schedule: { steps: 6, batch: 12, evaluateEvery: 3, optimiser: 'sgd', learningRate: 0.02 },
    }),
  ],
  [
    'momentum apart',
    recipeWith(['kd'], {
      schedule: { steps: 6, batch: 12, evaluateEvery: 3, optimiser: 'dot', learningRate: 0.02 },
    }),
  ],
];
recipes.push(...tried(systems));

/** Rows of a table with two numbers of different size. */
function twoNumbers(): Dataset {
  const { train: many, test: few, ...set } = labelledRows(60);
  const asNumbers = (split: typeof many): typeof many => {
    const values = Float32Array.from({ length: 2 * split.count }, (_, i) => {
      const x = split.inputs['input']!.values[4 * Math.floor(i / 2) + (i % 2)]!;
      return i % 2 === 0 ? 3 * x : 100 + 20 * x * x;
    });
    return { ...split, targets: { values, shape: [2] } };
  };
  return {
    ...set,
    task: 'regression',
    target: { kind: 'number', names: ['length', 'mass'], units: ['mm', 'g'] },
    train: asNumbers(many),
    test: asNumbers(few),
  };
}

const teacherOf = (network: string) => ({
  kind: 'single',
  knobs: { source: 'train', network, epochs: 1, batch: 20 },
});
const ensembleOf = (network: string) => ({
  kind: 'ensemble',
  knobs: { network, members: 2, epochs: 1, batch: 20, average: 'probabilities' },
});
const ofTable = { student: { network: 'mlp-8' }, teacher: teacherOf('mlp-16') };
const fewTargets = { dataset: 'upload', labelsPerClass: 3, unlabelled: 40, labelNoise: 30 };

/** Sets of other tasks and modalities, with the key of the task's loss. */
const otherSets: [string, Recipe, Dataset, string][] = [
  [
    'a table of classes',
    recipeWith([], {
      ...ofTable,
      material: fewTargets,
      hints: [{ id: 'kd' }, { id: 'rkd', knobs: { angleImages: 7 } }],
    }),
    blobs(),
    'ce',
  ],
  [
    'a number, from images',
    recipeWith(['logits', 'fitnet'], { material: { dataset: 'upload', shift: 1 } }),
    hands(60, 8),
    'mse',
  ],
  [
    'two numbers, from a table',
    recipeWith(['logits', 'pkt'], { ...ofTable, teacher: ensembleOf('mlp-16'), material: fewTargets }),
    twoNumbers(),
    'mse',
  ],
  [
    'several labels',
    recipeWith(['mld', 'sp'], { ...ofTable, teacher: ensembleOf('mlp-16'), material: fewTargets }),
    labelledRows(),
    'bce',
  ],
  [
    'labels without a teacher',
    recipeWith([], { ...ofTable, teacher: { kind: 'none' } }),
    labelledRows(),
    'bce',
  ],
];

const named = new Set(
  [...recipes, ...systems, ...otherSets].flatMap(([, { hints }]) => hints.map(({ id }) => id)),
);
// A hint that no recipe above names is tried as it stands.
for (const id of hintsInTorch.filter((known) => !named.has(known))) {
  const { targets }: HintAbout = hintAbouts[id];
  if (targets.includes('class')) recipes.push([id, recipeWith([id])]);
  else if (targets.includes('labels')) otherSets.push([id, recipeWith([id], ofTable), labelledRows(), 'bce']);
  else otherSets.push([id, recipeWith([id]), hands(60, 8), 'mse']);
}

/** Of the runs whose folders hold arrays. */
const eventsOf = new Map<string, RunEvent[]>();

test.each(recipes)('a project for %s holds what its script reads', async (name, recipe) => {
  const { place, events } = await unpacked(name, recipe);
  const about = JSON.parse(await readFile(join(place, 'recipe.json'), 'utf8')) as {
    recipe: Recipe;
    hintKeys: string[];
    firstBatch: { rows: number[]; losses: Record<string, number> };
    score: { student: number; teacher?: number };
  };
  expect(about.recipe).toEqual(recipe);
  expect(readRecipe(about)).toEqual({ recipe, problems: [] });
  expect(Object.keys(about.firstBatch.losses)).toEqual(['ce', ...about.hintKeys]);
  expect(Object.values(about.firstBatch.losses).every(Number.isFinite)).toBe(true);
  expect(about.score).toMatchObject(final(recipe, events));
  expect(about.firstBatch.rows).toHaveLength(recipe.schedule.batch);
  const start = readSafetensors(await readFile(join(place, 'weights/student-start.safetensors')));
  const trained = readSafetensors(await readFile(join(place, 'weights/student.safetensors')));
  expect(start.map((entry) => entry.name)).toEqual(trained.map((entry) => entry.name));
  expect(start).not.toEqual(trained);
  const [heading, ...lines] = (await readFile(join(place, 'data/train.csv'), 'utf8')).trim().split('\n');
  expect(heading).toBe('file,given,role,place');
  expect(lines).toHaveLength(tinyDataset().train.count);
});

test.each(otherSets)('a project for %s holds its data as arrays', async (name, recipe, set, key) => {
  const { place, events } = await unpacked(name, recipe, set);
  eventsOf.set(name, events);
  const about = JSON.parse(await readFile(join(place, 'recipe.json'), 'utf8')) as {
    hintKeys: string[];
    firstBatch: { losses: Record<string, number> };
    score: { student: number; teacher?: number };
  };
  expect(Object.keys(about.firstBatch.losses)).toEqual([key, ...about.hintKeys]);
  expect(about.score).toMatchObject(final(recipe, events));
  expect((await readdir(join(place, 'data'))).sort()).toEqual(['test.safetensors', 'train.safetensors']);
  expect(await readdir(place)).not.toContain('pictures.py');
  expect(await readFile(join(place, 'README.md'), 'utf8')).not.toMatch(/class folder|CLASS/);
});

test('a project holds the losses of its recipe, and those that they build on', async () => {
  const { place } = await unpacked('few losses', recipeWith(['lskd', 'soft-answers']));
  const files = await readdir(join(place, 'hints'));
  expect(files.sort()).toEqual(['__init__.py', 'base.py', 'dkd.py', 'kd.py', 'lskd.py', 'soft_answers.py']);
  expect(await readdir(join(place, 'teachers'))).toEqual(['__init__.py', 'base.py', 'frozen.py']);
  expect(await readdir(join(place, 'weighting'))).toEqual(['__init__.py', 'balance.py', 'fixed.py']);
  expect(await readdir(place)).not.toContain('preludes.py');
});

describe.skipIf(!python)('with PyTorch', () => {
  const run = (script: string, ...options: string[]) =>
    (pytorch ??= startPyTorch()).run(script, ...options, '--device', 'cpu');

  const all = [...recipes, ...otherSets].map(([name]) => name);
  test.each(all)('the losses of the first batch of %s are the page’s', async (name) => {
    const output = await run(join(folder, name, 'train.py'), '--check');
    expect(output).toContain('The losses are equal.');
    expect(output).toContain('The scores are equal.');
  });

  test.runIf(isLong)('training goes on, and the page reads what was saved', async () => {
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

  test.each([
    ['two numbers, from a table', 'MAE [\\d.]+ SD'],
    ['several labels', 'mAP [\\d.]+ %'],
  ])('training goes on for %s, from the start and from where the page stopped', async (name, score) => {
    const place = join(folder, name);
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

  test('what is measured beside the accuracy is what the page measures', async () => {
    const place = join(folder, 'a table of classes');
    await run(join(place, 'train.py'), '--steps', '0', '--from', 'trained');
    const { further, final, trainedIn, steps } = JSON.parse(
      await readFile(join(place, 'metrics.json'), 'utf8'),
    ) as Metrics;
    const page = ofType(eventsOf.get('a table of classes')!, 'finished')[0]!;
    expect(trainedIn).toMatch(/^PyTorch \d.* on cpu/);
    expect(steps.student.steps).toEqual([]);
    for (const learner of ['student', 'teacher'] as const) {
      expect(final![learner]).toBeCloseTo(page.final[learner]!, 5);
      for (const [id, scores] of Object.entries(page.further!))
        if (scores[learner] !== undefined) expect(further![id]![learner], id).toBeCloseTo(scores[learner], 4);
    }
  });

  test('a training that was stopped goes on as if it had not been', async () => {
    const recipe = recipeWith(['kd', 'at'], {
      weighting: { id: 'hint-dynamic' },
      schedule: { steps: 9, batch: 12, evaluateEvery: 4, learningRate: 0.02 },
      material: { dataset: 'upload', shift: 1, flip: true },
    });
    const { place } = await unpacked('stopped', recipe);
    pytorch ??= startPyTorch();
    const whole = await curveOf({ place }, pytorch);
    const checkpoint = ['--checkpoint', join(place, 'run.pt')];
    await curveOf({ place }, pytorch, ...checkpoint, '--at-most', '6');
    expect(await curveOf({ place }, pytorch, ...checkpoint, '--resume')).toEqual(whole);
  });

  test('networks compute in bfloat16 where that is asked for; what cannot be is said in a sentence', async () => {
    const script = join(folder, 'maps/train.py');
    expect(await run(script, '--steps', '2', '--precision', 'bf16')).toMatch(/step 2\/2 {2}total [\d.]+/);
    await expect(run(script, '--precision', 'f16')).rejects.toThrow('f16 needs a GPU by CUDA');
    await expect(run(script, '--sync-bn')).rejects.toThrow('for several GPUs');
    const compiled = run(script, '--steps', '1', '--compile');
    await compiled.then(
      (output) => expect(output).toContain('step 1/1'),
      (error: Error) =>
        expect(error.message).toMatch(/^--compile needs PyTorch 2.0 or newer; this is .*\.\n$/),
    );
  });

  test('folders of images and tables of one’s own take the place of the page’s data', async () => {
    const own = join(folder, 'own images');
    await cp(join(folder, 'maps/data'), own, { recursive: true });
    const images = ['--data', `imagefolder:${own}`, '--epochs', '1'];
    expect(await run(join(folder, 'memories/train.py'), ...images)).toMatch(/step 10\/10 .*test accuracy/);
    await rename(join(own, 'train/first'), join(own, 'train/fifth'));
    await expect(run(join(folder, 'maps/train.py'), ...images)).rejects.toThrow('has no class “fifth”');
    const place = join(folder, 'a table of classes');
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
  });

  test('arrays of one’s own need inputs and targets alone, and are asked for in words', async () => {
    const place = join(folder, 'own arrays');
    await cp(join(folder, 'a table of classes'), place, { recursive: true });
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
  test.each(tried(cases))('%s takes the steps of one', async (name, recipe) => {
    const { place } = await unpacked(name, recipe);
    pytorch ??= startPyTorch();
    const alone = await curveOf({ place }, pytorch);
    const { losses, weights } = between(await curveOf({ place, processes: 2 }, pytorch), alone);
    expect(losses).toBeLessThan(1e-5);
    expect(weights).toBeLessThan(1e-5);
  });

  test('what one process must hold is refused with a sentence', async () => {
    const recipe = recipeWith(['kd'], { teacher: { kind: 'joint', knobs: { network: 'cnn-4-8' } } });
    const { place } = await unpacked('a teacher of one process', recipe);
    pytorch ??= startPyTorch();
    const went = pytorch.together(2, join(place, 'train.py'), '--device', 'cpu');
    await expect(went).rejects.toThrow(
      'A teacher that learns beside the student is not shared by processes.',
    );
  });
});

test('a recipe that PyTorch cannot go on with is refused with a sentence', () => {
  expect(pytorchProblem(defaultRecipe())).toBeNull();
  const dataset = { id: 'blobs', title: 'Blobs', classes: ['a', 'b'], shape: [2] as const };
  expect(pytorchProblem(defaultRecipe(), { dataset })).toBeNull();
  const noisy = { dataset: 'upload', trainNoise: 20, teacherView: 'undisturbed' };
  expect(pytorchProblem(recipeWith(['kd'], { material: noisy }))).toContain('shows the teacher others');
  const generated = { dataset: 'upload', unlabelled: 40, unlabelledFrom: 'generated' };
  expect(pytorchProblem(recipeWith(['kd'], { material: generated }))).toContain(
    'a generator makes some of them',
  );
});

test('a recipe of each method leaves', () => {
  const refused = methods.filter(({ apply }) => pytorchProblem(apply(defaultRecipe())) !== null);
  // Its pictures are made during the run.
  expect(refused.map(({ id }) => id)).toEqual(['cgan-kd']);
  for (const [, recipe] of [...recipes, ...systems]) expect(pytorchProblem(recipe)).toBeNull();
});
