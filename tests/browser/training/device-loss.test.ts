import { expect, it } from 'vitest';
import type { BackendChoice } from '../../../src/engine/backend-names';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import type { Phase, RunEvent } from '../../../src/training/events';
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

const lose = () => (tf.backend() as tf.KernelBackend & { device: GPUDevice }).device.destroy();

/** A run whose device is lost after the first step of a phase. */
async function trainedWithLoss(
  phase: Phase,
  renewBackend: () => Promise<BackendChoice>,
): Promise<RunEvent[]> {
  const backend = await chooseBackend('webgpu');
  let isLost = false;
  const onTick = (_: unknown, tick: RunEvent[]) => {
    if (isLost || !ofType(tick, 'step').some((step) => step.phase === phase)) return;
    isLost = true;
    lose();
  };
  const { run, events } = await train(recipe, tinyDataset(), onTick, {
    fetchAsset: noAssets,
    backend,
    renewBackend,
  });
  run.dispose();
  return events;
}

it('a device that is lost a second time gives way to another backend, and the run says which and from where', async () => {
  const backend = await chooseBackend('webgpu');
  let losses = 0;
  const { run, events } = await train(
    recipe,
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

it('a device that nothing can take the place of ends the run with both sentences', async () => {
  const events = await trainedWithLoss('student', () =>
    Promise.reject(new Error('No backend works in this browser.')),
  );
  expect(ofType(events, 'failed')[0]!.message).toMatch(
    /^The graphics device was lost at step \d+\. Nothing here can take its place\. No backend works in this browser\.$/,
  );
});
