/** Folders of methods as they are used: stopped and gone on with, in two processes, as baselines of an experiment. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { python } from '../../support/pytorch';
import { ofType, tinyRecipe, withShortGeneration } from '../training/tiny';
import { between, curveOf, unpacked, usePyTorchFolders } from './pytorch-folder';

const used = usePyTorchFolders();

const schedule = { steps: 24, batch: 15, evaluateEvery: 7, optimiser: 'adam', learningRate: 0.003 };
const sgd = { ...schedule, optimiser: 'sgd', learningRate: 0.02 };
const trained = { source: 'train', network: 'mlp-24', epochs: 3, batch: 20 };
const { source: _, ...learned } = trained;
const few = { dataset: 'upload', labelsPerClass: 12, unlabelled: 40 };
const hints = (...ids: string[]) => ({ hints: ids.map((id) => ({ id })) });
/** With batch norm, or maps. */
const ofMaps = {
  student: { network: 'cnn-2-4' },
  teacher: { kind: 'single', knobs: { ...trained, network: 'cnn-4-8' } },
};

interface Case {
  name: string;
  changes: Record<string, unknown>;
  /** What two processes do: the steps of one; steps of their own, where batch norm sees its part; or refuse. */
  together: 'alike' | 'apart' | 'refused';
  options?: string[];
}

const cases: Case[] = [
  { name: 'KD, DKD, DIST', changes: hints('kd', 'dkd', 'dist'), together: 'alike' },
  {
    name: 'SP, RKD, PKT, CC',
    changes: { ...hints('sp', 'rkd', 'pkt', 'cc'), material: few },
    together: 'alike',
  },
  {
    name: 'CRD and Holistic KD',
    changes: {
      hints: [
        { id: 'crd', knobs: { negatives: 16, width: 8 } },
        { id: 'holistic', knobs: { width: 8 } },
      ],
      material: few,
    },
    together: 'alike',
  },
  {
    name: 'HKD',
    changes: { ...hints('kd', 'rkd'), weighting: { id: 'hint-dynamic' }, schedule: sgd },
    together: 'alike',
    options: ['--hypergradient', 'exact'],
  },
  {
    name: 'RCO',
    changes: {
      ...hints('kd'),
      teacher: { kind: 'route', knobs: { ...learned, strategy: 'stages', anchors: 3 } },
    },
    together: 'alike',
  },
  {
    name: 'MGD',
    changes: { ...hints('codes', 'kd'), teacher: { kind: 'granular', knobs: trained } },
    together: 'alike',
  },
  {
    name: 'specialists',
    changes: {
      ...hints('soft-answers'),
      teacher: {
        kind: 'specialists',
        knobs: { width: 3, branches: 3, trunk: 2, heads: 'faithful', epochs: 1, batch: 20 },
      },
    },
    together: 'alike',
  },
  {
    name: 'members in turn, partners',
    changes: {
      ...hints('kd'),
      teacher: { kind: 'ensemble', knobs: { ...learned, members: 2, mode: 'augment' } },
      material: { dataset: 'upload', partner: 'class' },
    },
    together: 'alike',
  },
  { name: 'BSS', changes: hints('bss', 'introspective'), together: 'alike' },
  { name: 'ReviewKD', changes: { ...ofMaps, ...hints('review') }, together: 'apart' },
  { name: 'MLLD and CTKD', changes: { ...ofMaps, ...hints('mlld', 'ctkd') }, together: 'apart' },
  { name: 'FT', changes: { ...ofMaps, hints: [{ id: 'ft', knobs: { initShare: 25 } }] }, together: 'apart' },
  {
    name: 'DOT',
    changes: { ...ofMaps, ...hints('kd', 'at'), schedule: { ...sgd, optimiser: 'dot' } },
    together: 'apart',
  },
  {
    name: 'DML',
    changes: { ...hints('dml'), teacher: { kind: 'peers', knobs: { peers: 2, network: 'mlp-24' } } },
    together: 'refused',
  },
  {
    name: 'FFSD',
    changes: { ...ofMaps, ...hints('ffsd'), teacher: { kind: 'fusion', knobs: { students: 2 } } },
    together: 'refused',
  },
  {
    name: 'an adapting teacher',
    changes: {
      ...ofMaps,
      ...hints('kd-reverse'),
      material: few,
      teacher: { kind: 'adapting', knobs: { network: 'cnn-4-8', moveTeacher: true } },
    },
    together: 'refused',
  },
];

describe.skipIf(!python).each(cases)('a folder of $name', ({ name, changes, together, options = [] }) => {
  test('goes on where it was stopped, and shares its work', async () => {
    const recipe = tinyRecipe({
      schedule,
      objective: { control: false },
      student: { network: 'mlp-16' },
      teacher: { kind: 'single', knobs: trained },
      ...changes,
    });
    const folder = await unpacked(used.place, name, recipe);
    const { pytorch } = used;
    const whole = await curveOf(folder, pytorch, ...options);
    const checkpoint = ['--checkpoint', `${folder.place}/run.pt`];
    await curveOf(folder, pytorch, ...options, ...checkpoint, '--at-most', '17');
    expect(await curveOf(folder, pytorch, ...options, ...checkpoint, '--resume')).toEqual(whole);
    const shared = curveOf({ ...folder, processes: 2 }, pytorch, ...options);
    if (together === 'refused') return expect(shared).rejects.toThrow('Start it without torchrun.');
    const { steps, losses, weights } = between(await shared, whole);
    expect(steps).toBe(24);
    if (together === 'apart') return;
    expect(losses).toBeLessThan(1e-5);
    expect(weights).toBeLessThan(1e-5);
  });
});

/** `recipe.json` becomes that of the baseline, as `run_experiment.py` lays it out. */
const baseline = `
import json, sys
path, scripts = sys.argv[1:]
sys.path.insert(0, scripts)
import cells
with open(path) as file:
    description = json.load(file)
assert cells.has_baseline(description["recipe"])
with open(path, "w") as file:
    json.dump(cells.baseline_of(description), file)
`;
const scripts = fileURLToPath(new URL('../../../src/export/pytorch/experiment', import.meta.url));
const beside = { ...few, shift: 1, flip: true };

test.skipIf(!python).each([
  ['all rows', { dataset: 'upload' }, ['kd']],
  ['moved rows beside unlabelled ones', beside, ['kd']],
  ['rows beside generated pictures', { ...beside, unlabelledFrom: 'generated' }, []],
])('the baseline of an experiment on %s takes the steps of the page’s', async (name, material, ids) => {
  const asked = tinyRecipe({ ...ofMaps, ...hints(...ids), material, schedule });
  const recipe = asked.material.unlabelledFrom === 'generated' ? withShortGeneration(asked) : asked;
  const folder = await unpacked(used.place, name, recipe);
  execFileSync(python!, ['-c', baseline, join(folder.place, 'recipe.json'), scripts]);
  const { losses } = await curveOf(folder, used.pytorch);
  const steps = ofType(folder.events, 'step').filter(({ phase }) => phase === 'student');
  const page = steps.map(({ values }) => values['control']!);
  const largest = Math.max(...page);
  const apart = losses.get('ce')!.map((value, i) => Math.abs(value - page[i]!) / largest);
  expect(Math.max(...apart)).toBeLessThan(1e-6);
});
