/** Recipes whose PyTorch folders are tried: between them they have every part of such a folder. */
import type { Dataset } from '../../../src/data/dataset';
import type { HintAbout } from '../../../src/distill/about';
import { hintAbouts, hintsInTorch } from '../../../src/distill/hints/abouts';
import type { Recipe } from '../../../src/distill/recipe';
import { blobs, hands, labelledRows } from '../../support/task-sets';
import { tinyRecipe } from '../training/tiny';

/** A short recipe with these losses as they are by default. */
export function recipeWith(hints: readonly string[], changes: Record<string, unknown> = {}): Recipe {
  return tinyRecipe({ hints: hints.map((id) => ({ id })), ...changes });
}

/** What recipes of images of classes are made of, with names for their tests. */
export const recipes: [string, Recipe][] = [
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
export const systems: [string, Recipe][] = [
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

export const teacherOf = (network: string) => ({
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
export const otherSets: [string, Recipe, Dataset, string][] = [
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
    'numbers, weighted by HKD',
    recipeWith(['logits', 'rkd'], { ...ofTable, weighting: { id: 'hint-dynamic' } }),
    twoNumbers(),
    'mse',
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
