import { describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import type { BackendName } from '../../../src/engine/backend-names';
import { tf } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import type { RunEvent } from '../../../src/training/events';
import { ofType, tinyRecipe, train } from '../../unit/training/tiny';

/** Few steps with everything in them: a teacher trained here, three hints, HKD's meta step on every step. */
const recipe = tinyRecipe({
  teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 40 } },
  hints: [
    { id: 'kd', weight: 1, knobs: { temperature: 2 } },
    { id: 'fitnet', weight: 1 },
    { id: 'at', weight: 10 },
  ],
  weighting: {
    id: 'hint-dynamic',
    knobs: { metaInterval: 1, metaWarmup: 0, metaPerClass: 4, metaBatch: 8, metaHidden: 16 },
  },
  schedule: { steps: 3, batch: 12, evaluateEvery: 3, optimiser: 'sgd', learningRate: 0.05 },
});

async function runOn(backend: BackendName): Promise<{ events: RunEvent[]; left: number }> {
  expect((await chooseBackend(backend)).name).toBe(backend);
  const before = tf.memory().numTensors;
  const work = async () => {
    const { run, events } = await train(recipe);
    run.dispose();
    return events;
  };
  const events = await (backend === 'webgpu' ? withValidation(work) : work());
  return { events, left: tf.memory().numTensors - before };
}

const totals = (events: RunEvent[]) => ofType(events, 'step').map(({ values }) => values['total']!);
const weights = (events: RunEvent[]) =>
  Object.values(ofType(events, 'instances').at(-1)!.snapshot.weights).flat();

describe('a whole small run', () => {
  const reference = runOn('cpu');

  it.each(['wasm', 'webgpu'] as const)('gives the cpu backend’s numbers on %s', async (backend) => {
    const expected = await reference;
    const { events, left } = await runOn(backend);
    expect(ofType(events, 'failed')).toEqual([]);
    // A step that cannot be recorded would say so in a warning; that a teacher of few steps is weak is said too.
    expect(ofType(events, 'warning').filter(({ text }) => !/than chance/.test(text))).toEqual([]);
    expect(left).toBe(0);
    const want = totals(expected.events);
    expect(want).toHaveLength(6);
    totals(events).forEach((total, i) => expect(Math.abs(total - want[i]!) / want[i]!).toBeLessThan(2e-3));
    // The hypergradient is a finite difference, and the meta network's Adam works on its sign: looser than the losses.
    const wanted = weights(expected.events);
    weights(events).forEach((weight, i) =>
      expect(Math.abs(weight - wanted[i]!)).toBeLessThan(0.05 * wanted[i]!),
    );
  });
});
