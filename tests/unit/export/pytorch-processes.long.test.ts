/**
 * Every loss in two processes: they take the steps of one. The student's batch norm stands still, since each process would
 * normalise its own rows; that of a loss sees all rows.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hintAbouts, hintsInTorch, type HintId } from '../../../src/distill/hints/abouts';
import type { HintAbout } from '../../../src/distill/about';
import { python } from '../../support/pytorch';
import { tinyRecipe } from '../training/tiny';
import { between, curveOf, unpacked, usePyTorchFolders, type Unpacked } from './pytorch-folder';

const used = usePyTorchFolders();

const trained = { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 20 };
const single = (network: string) => ({ kind: 'single', knobs: { ...trained, network } });

interface Case {
  hints: readonly { id: HintId; knobs?: object }[];
  teacher: object;
}

/** Losses with a teacher of their own. */
const apart: readonly Case[] = [
  { hints: [{ id: 'codes' }], teacher: { kind: 'granular', knobs: trained } },
  { hints: [{ id: 'dfa', knobs: { searchSteps: 3 } }], teacher: single('cnn2-4-8') },
  { hints: [{ id: 'fsp' }], teacher: single('cnn-3-4') },
];
/** Its teacher learns, in one process only. */
const alone: readonly HintId[] = ['ffsd'];

const named = new Set([...alone, ...apart.flatMap(({ hints }) => hints.map(({ id }) => id))]);
const others = hintsInTorch.filter((id) => {
  const { targets }: HintAbout = hintAbouts[id];
  return targets.includes('class') && !named.has(id);
});
const together = 5;
const cases: Case[] = [
  ...Array.from({ length: Math.ceil(others.length / together) }, (_, i) => ({
    hints: others.slice(i * together, (i + 1) * together).map((id) => ({ id })),
    teacher: single('cnn-4-8'),
  })),
  ...apart,
];
const namesOf = ({ hints }: Case) => hints.map(({ id }) => id).join(', ');

/** Has the folder's batch norm take its running statistics for those of the batch. */
async function standStill({ place }: Unpacked): Promise<void> {
  const file = join(place, 'networks/cnn.py');
  const text = await readFile(file, 'utf8');
  const still = [
    'class Still(nn.BatchNorm2d):',
    '    def forward(self, x):',
    '        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, False)',
    '\n\nclass CNN(',
  ].join('\n');
  await writeFile(file, text.replaceAll('nn.BatchNorm2d(', 'Still(').replace('class CNN(', still));
}

test.skipIf(!python).each(cases.map((each) => [namesOf(each), each] as const))(
  'two processes take the steps of one: %s',
  async (name, { hints, teacher }) => {
    const recipe = tinyRecipe({
      hints,
      teacher,
      student: { network: 'cnn-3-4' },
      objective: { control: false },
      material: { dataset: 'upload', labelsPerClass: 12, unlabelled: 40 },
      // As slow as keeps a rounding from growing.
      schedule: { steps: 6, batch: 15, evaluateEvery: 6, optimiser: 'sgd', learningRate: 0.0005 },
    });
    const folder = await unpacked(used.place, name, recipe);
    await standStill(folder);
    const one = await curveOf(folder, used.pytorch);
    const { losses, weights } = between(await curveOf({ ...folder, processes: 2 }, used.pytorch), one);
    expect(losses).toBeLessThan(1e-5);
    expect(weights).toBeLessThan(1e-5);
  },
);
