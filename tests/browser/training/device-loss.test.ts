import { expect, it } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from '../../unit/training/tiny';

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

const totals = (events: Awaited<ReturnType<typeof train>>['events']) =>
  ofType(events, 'step')
    .filter(({ phase }) => phase === 'student')
    .map(({ step, values }) => [step, values['total']!] as const);

it('a run whose device is lost goes on from its last good state and ends with the same numbers', async () => {
  await chooseBackend('webgpu');
  const undisturbed = await train(recipe);
  undisturbed.run.dispose();
  expect(ofType(undisturbed.events, 'failed')).toEqual([]);

  let ticks = 0;
  const disturbed = await train(
    recipe,
    tinyDataset(),
    (run, events) => {
      if (events.some(({ type }) => type === 'started')) return;
      if (ofType(events, 'evaluation').some(({ phase, step }) => phase === 'student' && step === 4)) {
        // Turning a knob (to what it is but for a hair) makes the run save its state before the next step.
        expect(run.turn('hints.0.weight', 1 + 1e-9)).toBeNull();
        ticks = 1;
      } else if (ticks > 0 && ++ticks === 3) {
        (tf.backend() as tf.KernelBackend & { device: GPUDevice }).device.destroy();
      }
    },
    { fetchAsset: noAssets, renewBackend: () => chooseBackend('webgpu') },
  );
  disturbed.run.dispose();
  expect(ofType(disturbed.events, 'failed')).toEqual([]);
  expect(ofType(disturbed.events, 'warning')[0]?.text).toMatch(
    /device was lost at step \d+. Training goes on from step 4/,
  );
  const [want, got] = [totals(undisturbed.events), totals(disturbed.events)];
  expect(got.map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  got.forEach(([, total], i) =>
    expect(Math.abs(total - want[i]![1])).toBeLessThan(1e-5 * Math.abs(want[i]![1])),
  );
  expect(ofType(disturbed.events, 'finished')[0]?.final).toEqual(
    ofType(undisturbed.events, 'finished')[0]?.final,
  );
});
