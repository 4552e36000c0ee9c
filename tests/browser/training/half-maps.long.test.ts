/** Runs that keep their maps in half precision, where the adapter can: see `engine/half-maps.long.test.ts`. */
import { beforeEach, expect, test } from 'vitest';
import { whyNoHalfMaps } from '../../../src/engine/half-maps';
import { tf } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import type { Recipe } from '../../../src/distill/recipe';
import type { Checkpoint } from '../../../src/training/checkpoint';
import type { RunEvent } from '../../../src/training/events';
import { Run, type RunHelp } from '../../../src/training/run';
import { noAssets, numbersOf, ofType, tinyDataset, tinyRecipe } from '../../unit/training/tiny';
import { onWebgpu } from '../on-webgpu';
import { schedule, student, teacher } from './run-on-backends';

onWebgpu({ allOps: false });
beforeEach((context) => {
  const why = whyNoHalfMaps();
  if (why) context.skip(why);
});

const recipe = (maps: Recipe['schedule']['maps']) =>
  tinyRecipe({
    teacher,
    student,
    hints: [
      { id: 'kd', weight: 1 },
      { id: 'fitnet', weight: 1 },
    ],
    weighting: { id: 'hint-dynamic', knobs: { metaInterval: 2, metaWarmup: 0, metaSet: 'next-batch' } },
    schedule: { ...schedule, steps: 6, maps },
  });

async function carriedOut(
  of: Recipe,
  { from = null, stop = 0, ...help }: Partial<RunHelp> & { from?: Checkpoint | null; stop?: number } = {},
) {
  const before = tf.memory().numTensors;
  const run = new Run(of, tinyDataset(8), { fetchAsset: noAssets, ...help }, from);
  const events: RunEvent[] = [];
  let state: Checkpoint | null = null;
  await withValidation(async () => {
    for await (const tick of run.ticks()) {
      events.push(...tick);
      if (!tick.some((event) => event.type === 'step' && event.phase === 'student' && event.step === stop))
        continue;
      events.push(...(await run.flush()));
      state = structuredClone(await run.checkpoint());
      break;
    }
  });
  run.dispose();
  expect(ofType(events, 'failed')).toEqual([]);
  expect(tf.memory().numTensors).toBe(before);
  return { events, state };
}

test('a run with HKD is the same recorded, op by op and resumed, and near the one in single precision', async () => {
  const half = await carriedOut(recipe('half'));
  const single = await carriedOut(recipe('single'));
  const totals = ({ events }: typeof half) =>
    ofType(events, 'step')
      .filter(({ phase }) => phase === 'student')
      .map(({ values }) => values['total']!);
  expect(totals(half)).not.toEqual(totals(single));
  totals(half).forEach((total, i) =>
    expect(Math.abs(total / totals(single)[i]! - 1), `step ${i + 1}`).toBeLessThan(0.05),
  );
  const eager = await carriedOut(recipe('half'), { records: false });
  expect(numbersOf(eager.events)).toEqual(numbersOf(half.events));

  const begun = await carriedOut(recipe('half'), { stop: 3 });
  const rest = await carriedOut(recipe('half'), { from: begun.state });
  expect(totals({ ...rest, events: [...begun.events, ...rest.events] })).toEqual(totals(half));
});
