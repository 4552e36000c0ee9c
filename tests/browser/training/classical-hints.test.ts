/** Hints that prepare, remember, draw or change with time: the same numbers on every backend, recorded or not. */
import { describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import type { BackendName } from '../../../src/engine/backend-names';
import { tf } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import type { RunEvent } from '../../../src/training/events';
import { ofType, tinyDataset, tinyRecipe, train } from '../../unit/training/tiny';

/** Networks and batches are those of `recorded.test.ts`, whose kernels are compiled then. */
const batch = 8;
const teacher = { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch } };
const student = { network: 'cnn-4-8' };
const schedule = { steps: 3, batch, evaluateEvery: 3, optimiser: 'sgd', learningRate: 0.02 };
const recipes = {
  'banks, attention between layers and a learned temperature': tinyRecipe({
    teacher,
    student,
    hints: [
      { id: 'crd', weight: 0.1, knobs: { negatives: 16, width: 8 } },
      { id: 'semckd', weight: 0.1, knobs: { layers: 1 } },
      { id: 'ctkd', weight: 0.5, knobs: { loops: 100 } },
    ],
    schedule,
  }),
  'two first stages, then margins, under DOT': tinyRecipe({
    teacher,
    student,
    hints: [
      { id: 'ab', weight: 1, knobs: { initShare: 50 } },
      { id: 'ft', weight: 1, knobs: { initShare: 50 } },
      { id: 'ofd', weight: 0.001 },
    ],
    schedule: { ...schedule, optimiser: 'dot' },
  }),
  'a changed view, and embeddings of both': tinyRecipe({
    teacher,
    student,
    hints: [
      { id: 'mlld', weight: 0.1, knobs: { asCoded: false } },
      { id: 'cc', weight: 0.1, knobs: { form: 'embedded', width: 8 } },
    ],
    schedule,
  }),
};

async function runOn(backend: BackendName, recipe: ReturnType<typeof tinyRecipe>) {
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

describe.each(Object.entries(recipes))('a run with %s', (_, recipe) => {
  it('gives the cpu backend’s numbers on wasm and WebGPU', async () => {
    const { events: reference } = await runOn('cpu', recipe);
    const want = totals(reference);
    expect(want.every(Number.isFinite)).toBe(true);
    for (const backend of ['wasm', 'webgpu'] as const) {
      const { events, left } = await runOn(backend, recipe);
      expect(ofType(events, 'failed')).toEqual([]);
      // A step that cannot be recorded would say so in a warning.
      expect(ofType(events, 'warning')).toEqual([]);
      expect(left).toBe(0);
      const found = totals(events);
      expect(found).toHaveLength(want.length);
      found.forEach((total, i) =>
        expect(Math.abs(total - want[i]!), `${backend}, step ${i + 1}`).toBeLessThan(
          5e-3 * Math.abs(want[i]!),
        ),
      );
    }
  });
});
