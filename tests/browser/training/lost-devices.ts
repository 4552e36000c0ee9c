/** Runs whose WebGPU device is destroyed on their way. */
import { expect } from 'vitest';
import type { Recipe } from '../../../src/distill/recipe';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import { noAssets, ofType, tinyDataset, train } from '../../unit/training/tiny';

export const lose = () => (tf.backend() as tf.KernelBackend & { device: GPUDevice }).device.destroy();

/** The total loss of each step of the student. */
export const totals = (events: Awaited<ReturnType<typeof train>>['events']) =>
  ofType(events, 'step')
    .filter(({ phase }) => phase === 'student')
    .map(({ step, values }) => [step, values['total']!] as const);

/** A run of eight steps that loses its device must go on from its last good state and end with the same numbers. */
export async function expectSameAfterLoss(recipe: Recipe): Promise<void> {
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
        const rate = recipe.schedule.learningRate;
        expect(run.turn('schedule.learningRate', rate * (1 + 1e-9))).toBeNull();
        ticks = 1;
      } else if (ticks > 0 && ++ticks === 3) {
        lose();
      }
    },
    { fetchAsset: noAssets, renewBackend: () => chooseBackend('webgpu') },
  );
  disturbed.run.dispose();
  expect(ofType(disturbed.events, 'failed')).toEqual([]);
  expect(ofType(disturbed.events, 'warning').map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/device was lost at step \d+. Training goes on from step 4/),
  );
  const [want, got] = [totals(undisturbed.events), totals(disturbed.events)];
  expect(got.map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  got.forEach(([, total], i) =>
    expect(Math.abs(total - want[i]![1])).toBeLessThan(1e-5 * Math.abs(want[i]![1])),
  );
  expect(ofType(disturbed.events, 'finished')[0]?.final).toEqual(
    ofType(undisturbed.events, 'finished')[0]?.final,
  );
}
