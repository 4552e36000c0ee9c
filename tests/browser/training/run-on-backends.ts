/** Runs whose numbers must be the cpu backend's on wasm and WebGPU, recorded or not. */
import { expect } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import type { BackendName } from '../../../src/engine/backend-names';
import { tf } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import type { RunEvent } from '../../../src/training/events';
import type { Recipe } from '../../../src/distill/recipe';
import { ofType, tinyDataset, train } from '../../unit/training/tiny';

/** Networks and batches are those of `recorded.test.ts`, whose kernels are compiled then. */
const batch = 8;
export const teacher = { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch } };
export const student = { network: 'cnn-4-8' };
export const schedule = { steps: 3, batch, evaluateEvery: 3, optimiser: 'sgd', learningRate: 0.02 };

async function runOn(backend: BackendName, recipe: Recipe) {
  expect((await chooseBackend(backend)).name).toBe(backend);
  const before = tf.memory().numTensors;
  const work = async (): Promise<RunEvent[]> => {
    const { run, events } = await train(recipe, tinyDataset(8));
    run.dispose();
    return events;
  };
  const events = await (backend === 'webgpu' ? withValidation(work) : work());
  return { events, left: tf.memory().numTensors - before };
}

const totals = (events: RunEvent[]) => ofType(events, 'step').map(({ values }) => values['total']!);

/** Each step's total loss; nothing may be left on the device, and no step may say that it cannot be recorded. */
export async function expectCpuNumbers(recipe: Recipe): Promise<void> {
  const { events: reference } = await runOn('cpu', recipe);
  const want = totals(reference);
  expect(want.every(Number.isFinite)).toBe(true);
  for (const backend of ['wasm', 'webgpu'] as const) {
    const { events, left } = await runOn(backend, recipe);
    expect(ofType(events, 'failed')).toEqual([]);
    // A step that cannot be recorded would say so in a warning; that a teacher of few steps is weak is said too.
    expect(ofType(events, 'warning').filter(({ text }) => !/than chance/.test(text))).toEqual([]);
    expect(left).toBe(0);
    const found = totals(events);
    expect(found).toHaveLength(want.length);
    found.forEach((total, i) =>
      expect(Math.abs(total - want[i]!), `${backend}, step ${i + 1}`).toBeLessThan(5e-3 * Math.abs(want[i]!)),
    );
  }
}
