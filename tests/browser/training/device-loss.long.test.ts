import { expect, it } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from '../../unit/training/tiny';
import { expectSameAfterLoss, lose, totals } from './lost-devices';
import { light, trainedWithLoss } from './lost-light';

/** All that has a state: two lines with Adam's slots, a regressor, HKD's network and history, shuffles, augmentation. */
const recipe = tinyRecipe({
  material: { dataset: 'upload', labelsPerClass: 12, unlabelled: 40, shift: 1 },
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-8', epochs: 1, batch: 40 } },
  student: { network: 'cnn-2-4' },
  hints: [
    { id: 'kd', weight: 1, knobs: { temperature: 2 } },
    { id: 'fitnet', weight: 1 },
  ],
  weighting: {
    id: 'hint-dynamic',
    knobs: { metaInterval: 2, metaWarmup: 0, metaPerClass: 4, metaBatch: 8, metaHidden: 16 },
  },
  schedule: { steps: 8, batch: 12, evaluateEvery: 4, learningRate: 0.01 },
});

it('a run whose device is lost goes on from its last good state and ends with the same numbers', () =>
  expectSameAfterLoss({
    ...light,
    hints: [...light.hints, ...tinyRecipe({ hints: [{ id: 'fitnet', weight: 1 }] }).hints],
    schedule: { ...light.schedule, optimiser: 'adam', learningRate: 0.01 },
  }));

it('a run with all kinds of states goes on from its last good one when its device is lost', () =>
  expectSameAfterLoss(recipe));

it('a device that is lost a second time gives way to another backend, and the run says which and from where', async () => {
  const backend = await chooseBackend('webgpu');
  let losses = 0;
  const { run, events } = await train(
    light,
    tinyDataset(),
    (_, tick) => {
      // As a browser does it: the device comes back once.
      if (tick.some(({ type }) => type === 'started') || losses === 2) return;
      const place = losses === 0 ? 2 : 5;
      if (ofType(tick, 'step').some(({ phase, step }) => phase === 'student' && step >= place)) {
        losses++;
        lose();
      }
    },
    { fetchAsset: noAssets, backend, renewBackend: () => chooseBackend(losses < 2 ? 'webgpu' : 'wasm') },
  );
  run.dispose();
  expect(ofType(events, 'failed')).toEqual([]);
  const moves = ofType(events, 'backend').map(({ move }) => move);
  expect(moves).toEqual([
    {
      phase: 'student',
      step: expect.any(Number) as number,
      from: 'webgpu',
      to: 'wasm',
    },
  ]);
  expect(ofType(events, 'warning').map(({ text }) => text)).toEqual([
    // Said once, although the phase begins anew.
    expect.stringMatching(/than chance/),
    expect.stringMatching(/^The graphics device was lost at step \d+. .* on a new one\.$/),
    expect.stringMatching(
      new RegExp(
        `^The graphics device was lost a second time at step \\d+\\. The run goes on with WebAssembly from step ${moves[0]!.step}; its last digits differ\\.$`,
      ),
    ),
  ]);
  expect(totals(events).map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(ofType(events, 'finished')).toHaveLength(1);
});

it('a device that is lost while the teacher learns, with another backend in its place, marks the teacher’s charts', async () => {
  const events = await trainedWithLoss('teacher', () => chooseBackend('wasm'));
  expect(ofType(events, 'failed')).toEqual([]);
  expect(ofType(events, 'backend').map(({ move }) => move)).toMatchObject([
    { phase: 'teacher', step: 1, from: 'webgpu', to: 'wasm' },
  ]);
  expect(ofType(events, 'warning')[0]!.text).toMatch(
    /lost while the teacher was being trained\. The run goes on with WebAssembly from step 1 of the teacher; its last digits differ\.$/,
  );
});
