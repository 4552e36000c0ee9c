/** Runs on stimuli: drawn evenly over the teacher's classes, with any share of labelled images, down to none. */
import { beforeAll, describe, expect, it } from 'vitest';
import { batchSplit } from '../../../src/distill/material/batch-split';
import { WeightedOrder } from '../../../src/distill/material/order';
import { balancedShares } from '../../../src/distill/material/stimulus-statistics';
import { tf } from '../../../src/engine/tf';
import { RandomStream } from '../../../src/random/streams';
import { entriesOf } from '../../../src/storage/event-log';
import { pack, unpack } from '../../../src/storage/pack';
import { soundEntries } from '../../../src/storage/run-contents';
import { useWasm } from '../../support/wasm-in-node';
import { ofType, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const material = {
  dataset: 'upload',
  unlabelled: 60,
  unlabelledFrom: 'stimuli',
  realShare: 0,
  balance: true,
};
const recipeWith = (changes: Record<string, unknown>, others: Record<string, unknown> = {}) =>
  tinyRecipe({ hints: [{ id: 'kd', weight: 1 }], ...others, material: { ...material, ...changes } });

it('a weighted order draws each class equally often, and goes on from its state', () => {
  const top = Int32Array.from({ length: 100 }, (_, i) => (i < 90 ? 0 : i < 98 ? 1 : 2));
  const shares = balancedShares(top);
  const rows = Int32Array.from({ length: 100 }, (_, i) => 500 + i);
  const order = () => new WeightedOrder(rows, 30, () => shares, RandomStream.fork(1, 'order'));
  const [one, other] = [order(), order()];
  const drawn = Array.from({ length: 100 }, () => Array.from(one.next())).flat();
  const counts = [0, 1, 2].map((label) => drawn.filter((row) => top[row - 500] === label).length);
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(90);
  other.restore(one.state());
  expect([...other.next()]).toEqual([...one.next()]);
});

it('a batch is split as the labelled share says, by halves where it says nothing', () => {
  const rows = (count: number) => new Int32Array(count);
  const split = (realShare: number, batch: number, labelled = 100, unlabelled = 100) =>
    Object.values(batchSplit({ labelled: rows(labelled), unlabelled: rows(unlabelled), realShare }, batch));
  expect(split(50, 33)).toEqual([16, 17]);
  expect(split(0, 32)).toEqual([0, 32]);
  expect(split(25, 32)).toEqual([8, 24]);
  expect(split(5, 8)).toEqual([1, 7]);
  expect(split(100, 8, 100, 0)).toEqual([8, 0]);
  expect(split(50, 32, 5, 3)).toEqual([5, 3]);
});

describe('a student that sees stimuli alone', () => {
  it('learns without a label and without a baseline, and says what the teacher sees in them', async () => {
    const before = tf.memory().numTensors;
    const { run, events } = await train(recipeWith({ stimuli: 'textures' }));
    run.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(ofType(events, 'failed')).toEqual([]);
    const { facts } = ofType(events, 'started')[0]!;
    expect([facts.labelled, facts.unlabelled]).toEqual([0, 60]);
    expect(facts.notes.join(' ')).toMatch(/No baseline: none of the student’s images has a label.*25\.0 %/);
    const steps = ofType(events, 'step').filter(({ phase }) => phase === 'student');
    for (const { values } of steps) {
      expect(values['ce']).toBe(0);
      expect(values['control']).toBeUndefined();
      expect(values['total']).toBeCloseTo(values['kd']!, 5);
      expect(values['stimuli/effective-classes']).toBeGreaterThan(1);
      expect(values['stimuli/entropy']).toBeGreaterThan(0);
      expect(values['stimuli/information']).toBeGreaterThan(0);
    }
    expect(steps).toHaveLength(6);
    const [view] = ofType(events, 'views').flatMap(({ views }) =>
      views.filter(({ view }) => view === 'stimuli'),
    );
    expect(view).toMatchObject({ count: 60, height: 8, width: 8 });
    if (view?.view !== 'stimuli') throw new Error('There is no view of the stimuli.');
    expect(view.pixels).toHaveLength(20 * 64);
    expect(view.histogram.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
    const log = entriesOf(events);
    expect(soundEntries(unpack(pack(log)))).toEqual(log);
    expect(Math.fround(view.effectiveClasses)).toBe(steps[0]!.values['stimuli/effective-classes']);
  });

  it('takes images of another set, brought to the size of its own', async () => {
    const { run, events } = await train(recipeWith({ stimuli: 'hand', balance: false, realShare: 25 }));
    run.dispose();
    expect(ofType(events, 'failed')).toEqual([]);
    expect(ofType(events, 'started')[0]!.facts.labelled).toBe(120);
    const told = ofType(events, 'step').filter(({ phase }) => phase === 'student');
    expect(told.at(-1)!.values['control']).toBeGreaterThan(0);
  });

  it('is asked of again where the teacher’s answers change', async () => {
    const teacher = { kind: 'peers', knobs: { network: 'cnn-2-4' } };
    const { run, events } = await train(recipeWith({}, { teacher, hints: [{ id: 'dml', weight: 1 }] }));
    run.dispose();
    expect(ofType(events, 'failed')).toEqual([]);
    const seen = ofType(events, 'step').map(({ values }) => values['stimuli/entropy']);
    expect(new Set(seen).size).toBeGreaterThan(1);
  });
});

describe('is refused in a sentence', () => {
  it.each([
    ['stimuli of one class', { unlabelled: 1 }, {}, /puts all stimuli into one class \(“\w+”\)/],
    ['nothing to learn from', {}, { hints: [] }, /no distillation loss, so there is nothing to learn/],
    [
      'a loss that makes its targets of labels',
      {},
      { hints: [{ id: 'introspective', weight: 1 }], teacher: { kind: 'none' } },
      /“Introspective learning” makes its targets of labels, and no image has one here/,
    ],
    [
      'labels alone from the middle on',
      {},
      { schedule: { steps: 6, batch: 12, distilUntil: 50 } },
      /After 50 % of the run the student learns from labels alone, and no image has one here/,
    ],
    [
      'HKD that asks on the student’s own labels',
      {},
      { weighting: { id: 'hint-dynamic', knobs: { metaSet: 'next-batch' } } },
      /HKD asks on labelled images of the student’s batches/,
    ],
  ])('%s', async (_, changes, others, sentence) => {
    const { run, events } = await train(recipeWith(changes, others));
    run.dispose();
    expect(ofType(events, 'failed')[0]?.message).toMatch(sentence);
  });

  it('but not HKD that holds labelled images out', async () => {
    const knobs = { metaSet: 'held-out', metaPerClass: 4, metaBatch: 8, metaHidden: 16, metaWarmup: 0 };
    const { run, events } = await train(recipeWith({}, { weighting: { id: 'hint-dynamic', knobs } }));
    run.dispose();
    expect(ofType(events, 'failed')).toEqual([]);
  });
});
