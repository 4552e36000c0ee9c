/** A device that is lost in each phase of a run. */
import { beforeEach, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import type { Phase, RunEvent } from '../../../src/training/events';
import type { Run } from '../../../src/training/run';
import {
  noAssets,
  ofType,
  tinyDataset,
  tinyRecipe,
  train,
  withShortGeneration,
} from '../../unit/training/tiny';
import { lose } from './lost-devices';

const help = { fetchAsset: noAssets, renewBackend: () => chooseBackend('webgpu') };

/** A teacher trained here and a student; few kernels, because each device compiles its own. */
const recipe = tinyRecipe({
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-8', epochs: 2, batch: 20 } },
  student: { network: 'mlp-8' },
  hints: [{ id: 'kd', weight: 1, knobs: { temperature: 2 } }],
  schedule: { steps: 8, batch: 12, evaluateEvery: 8, optimiser: 'sgd' },
  objective: { control: false },
});
const withPrelude = tinyRecipe({
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-8', epochs: 1, batch: 20 } },
  student: { network: 'mlp-8' },
  hints: [{ id: 'fitnet', weight: 1, knobs: { stages: 'two' } }],
  schedule: { steps: 8, batch: 12, evaluateEvery: 8, optimiser: 'sgd' },
  objective: { control: false },
});

const generated = tinyRecipe({
  material: { dataset: 'upload', unlabelled: 20, unlabelledFrom: 'generated' },
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-8', epochs: 1, batch: 20 } },
  student: { network: 'mlp-8' },
  hints: [],
  schedule: { steps: 8, batch: 12, evaluateEvery: 8, optimiser: 'sgd' },
  objective: { control: false },
});

beforeEach(async () => {
  await chooseBackend('webgpu');
  expect(tf.getBackend()).toBe('webgpu');
});

/** Destroys the device a few ticks into a phase, and answers what the run told. */
async function loseIn(phase: Phase, of = recipe) {
  let ticks = -1;
  let isLost = false;
  const onTick = (_: Run, tick: RunEvent[]) => {
    // A phase that is begun again says so again.
    if (isLost) return;
    if (ofType(tick, 'phase').some((event) => event.phase === phase)) ticks = 0;
    else if (ticks >= 0 && ++ticks === 3) {
      isLost = true;
      lose();
    }
  };
  const { run, events } = await train(of, tinyDataset(), onTick, help);
  run.dispose();
  return events;
}

it.each([
  ['teacher', recipe],
  ['prelude', withPrelude],
  ['generator', withShortGeneration(generated)],
  ['student', recipe],
] as const)('a device lost in the phase of the %s is replaced, and the run ends', async (phase, of) => {
  const events = await loseIn(phase, of);
  expect(ofType(events, 'failed')).toEqual([]);
  // A generator of three steps makes poor pictures, which is said, too.
  const warnings = ofType(events, 'warning').map(({ text }) => text);
  expect(warnings.filter((text) => text.includes('device'))).toEqual([
    expect.stringMatching(/device was lost .* on a new one/),
  ]);
  const steps = ofType(events, 'step').filter((event) => event.phase === 'student');
  expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(ofType(events, 'finished')).toHaveLength(1);
});
