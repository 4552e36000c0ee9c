/** A data set too large for the graphics card, whose batches are sent there, trains with the same numbers. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tf } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import type { RetortBackend } from '../../../src/engine/webgpu-backend';
import type { RunEvent } from '../../../src/training/events';
import { Run } from '../../../src/training/run';
import type { Checkpoint } from '../../../src/training/checkpoint';
import { noAssets, numbersOf, ofType, tinyDataset, tinyRecipe } from '../../unit/training/tiny';
import { onWebgpu } from '../on-webgpu';

onWebgpu({ allOps: false });
afterEach(() => vi.restoreAllMocks());

/** From now on the device reads no table as large as the data set (10 kB), but the largest layer (2 kB). */
function makeCardSmall(): void {
  const { limits } = (tf.backend() as RetortBackend).device;
  vi.spyOn(limits, 'maxStorageBufferBindingSize', 'get').mockReturnValue(4096);
}

const recipe = tinyRecipe({
  hints: [
    { id: 'kd', weight: 1 },
    { id: 'fitnet', weight: 1 },
  ],
  weighting: {
    id: 'hint-dynamic',
    knobs: { metaInterval: 2, metaWarmup: 0, metaPerClass: 4, metaBatch: 8, metaHidden: 16 },
  },
  material: { dataset: 'upload', labelsPerClass: 6, unlabelled: 40, shift: 1, flip: true },
  schedule: { steps: 8, batch: 12, evaluateEvery: 4, optimiser: 'sgd', learningRate: 0.05 },
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-8', epochs: 2, batch: 20 } },
  student: { network: 'mlp-8' },
});

interface Insides {
  builder: unknown;
  students: { stepsDone: number } | null;
}

/** Where a run is broken off; the first ticks may be those of kernels being compiled. */
const inTeacher = ({ builder }: Insides, ticks: number) => builder !== null && ticks >= 6;
const inStudent = ({ students }: Insides) => students?.stepsDone === 5;

/** Runs to the end, or to a state on the way. */
async function carriedOut(
  isThere?: (run: Insides, ticks: number) => boolean,
  from: Checkpoint | null = null,
) {
  const run = new Run(recipe, tinyDataset(), { fetchAsset: noAssets }, from);
  const events: RunEvent[] = [];
  let state: Checkpoint | null = null;
  let ticks = 0;
  for await (const tick of run.ticks()) {
    events.push(...tick);
    if (!isThere?.(run as unknown as Insides, ++ticks)) continue;
    events.push(...(await run.flush()));
    state = structuredClone(await run.checkpoint());
    break;
  }
  run.dispose();
  expect(ofType(events, 'failed')).toEqual([]);
  expect(state === null).toBe(!isThere);
  return { events, state };
}

const notes = (events: readonly RunEvent[]) =>
  ofType(events, 'engine').flatMap(({ engine }) => engine.notes.filter((note) => /graphics card/.test(note)));

describe('batches that are sent', () => {
  it('give the numbers of a set on the card, in one go and after a resume', async () => {
    const before = tf.memory().numTensors;
    await withValidation(async () => {
      const onCard = await carriedOut();
      expect(notes(onCard.events).join()).toContain('lie on the graphics card');
      const expected = numbersOf(onCard.events);
      expect(expected.steps.length).toBeGreaterThan(8);
      makeCardSmall();
      const sent = await carriedOut();
      expect(notes(sent.events).join()).toContain('each batch is sent there');
      expect(notes(sent.events).join()).not.toContain('lie on the graphics card');
      expect(numbersOf(sent.events)).toEqual(expected);
      // A resume in the student's phase is the next test's.
      const first = await carriedOut(inTeacher);
      const second = await carriedOut(undefined, first.state);
      expect(numbersOf([...first.events, ...second.events])).toEqual(expected);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('that were begun on the card go on beside it with the same numbers', async () => {
    const whole = await carriedOut();
    const first = await carriedOut(inStudent);
    makeCardSmall();
    const second = await carriedOut(undefined, first.state);
    expect(numbersOf([...first.events, ...second.events])).toEqual(numbersOf(whole.events));
  });
});
