import { expect, it } from 'vitest';
import type { BackendChoice } from '../../../src/engine/backend-names';
import { chooseBackend } from '../../../src/engine/backends';
import type { Phase, RunEvent } from '../../../src/training/events';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from '../../unit/training/tiny';
import { expectSameAfterLoss, lose, totals } from './lost-devices';

/** Few kernels, because each device compiles its own: for what does not depend on what is trained. */
const light = tinyRecipe({
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-8', epochs: 1, batch: 40 } },
  student: { network: 'mlp-8' },
  hints: [{ id: 'kd', weight: 1, knobs: { temperature: 2 } }],
  schedule: { steps: 8, batch: 12, evaluateEvery: 4, optimiser: 'sgd' },
  objective: { control: false },
});

it('a run whose device is lost goes on from its last good state and ends with the same numbers', () =>
  // All kinds of states at once: a long test, because each device compiles its own kernels.
  expectSameAfterLoss({
    ...light,
    hints: [...light.hints, ...tinyRecipe({ hints: [{ id: 'fitnet', weight: 1 }] }).hints],
    schedule: { ...light.schedule, optimiser: 'adam', learningRate: 0.01 },
  }));

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
  const { run, events } = await train(light, tinyDataset(), onTick, {
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

it('a device that nothing can take the place of ends the run with both sentences', async () => {
  const events = await trainedWithLoss('student', () =>
    Promise.reject(new Error('No backend works in this browser.')),
  );
  expect(ofType(events, 'failed')[0]!.message).toMatch(
    /^The graphics device was lost at step \d+\. Nothing here can take its place\. No backend works in this browser\.$/,
  );
});
