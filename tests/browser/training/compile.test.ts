/** Kernels are compiled in the background before the first step, and once for all runs of the same shapes. */
import { beforeEach, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import type { Run } from '../../../src/training/run';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from '../../unit/training/tiny';

/** A width that no other test uses, so that its kernels are new. */
const recipeOf = (width: number) =>
  tinyRecipe({
    hints: [{ id: 'kd', weight: 1 }],
    teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-8', epochs: 1, batch: 40 } },
    student: { network: `mlp-${width}` },
    objective: { control: false },
  });

beforeEach(async () => {
  await chooseBackend('webgpu');
  expect(tf.getBackend()).toBe('webgpu');
});

it('tells how far compiling is, and a second run compiles nothing', async () => {
  const first = await train(recipeOf(23));
  first.run.dispose();
  const told = ofType(first.events, 'progress').filter(({ phase }) => phase === 'student');
  expect(told.at(-1)?.share).toBe(1);
  expect(told[0]?.text).toMatch(/^Compiling kernels for the graphics card: \d+ of \d+\.$/);
  const shares = told.map(({ share }) => share);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  const second = await train(recipeOf(23));
  second.run.dispose();
  expect(ofType(second.events, 'progress')).toEqual([]);
  expect(ofType(second.events, 'step')).toEqual(ofType(first.events, 'step'));
});

it('can be stopped while kernels are compiled', async () => {
  const stopOnProgress = (run: Run, tick: Parameters<typeof ofType>[0]) => {
    if (ofType(tick, 'progress').some(({ phase, share }) => phase === 'student' && share < 1))
      run.requestStop();
  };
  const { run, events } = await train(recipeOf(29), tinyDataset(), stopOnProgress, { fetchAsset: noAssets });
  run.dispose();
  const [finished] = ofType(events, 'finished');
  expect(finished).toMatchObject({ stopped: true, step: 0 });
  expect(ofType(events, 'step').some(({ phase }) => phase === 'student')).toBe(false);
});
