/** Teachers that change while the student learns, under recorded steps: the recording must see the change. */
import { expect, it } from 'vitest';
import { tf } from '../../../src/engine/tf';
import { noAssets, numbersOf, ofType, tinyDataset, tinyRecipe, train } from '../../unit/training/tiny';
import { onWebgpu } from '../on-webgpu';

onWebgpu({ allOps: true });

const network = { network: 'mlp-8', epochs: 3, batch: 20 };

it.each([
  ['answers that are remembered', 'one-stage', []],
  ['stages with a fresh optimiser', 'stages', []],
  ['a search, and maps that are looked at', 'greedy', [{ id: 'fitnet', weight: 1 }]],
])('a route with %s gives the same bits recorded as op by op', async (_, strategy, others) => {
  const recipe = tinyRecipe({
    hints: [{ id: 'kd', weight: 0.9 }, ...others],
    teacher: { kind: 'route', knobs: { ...network, strategy, anchors: 3, maxAnchors: 3, dropWeak: false } },
    schedule: { steps: 12, batch: 12, evaluateEvery: 6 },
    objective: { control: false },
  });
  const carriedOut = async (records: boolean) => {
    const help = { fetchAsset: noAssets, records };
    const { run, events } = await train(recipe, tinyDataset(15), () => undefined, help);
    run.dispose();
    expect(ofType(events, 'failed')).toEqual([]);
    expect(ofType(events, 'engine').at(-1)?.engine.recorded).toBe(records);
    return events;
  };
  const before = tf.memory().numTensors;
  const recorded = await carriedOut(true);
  expect(tf.memory().numTensors).toBe(before);
  const views = ofType(recorded, 'views').flatMap((event) => event.views);
  const route = views.findLast((view) => view.view === 'route');
  expect(route?.anchors.filter(({ fromStep }) => fromStep !== null).length).toBeGreaterThan(1);
  expect(numbersOf(recorded)).toEqual(numbersOf(await carriedOut(false)));
});
