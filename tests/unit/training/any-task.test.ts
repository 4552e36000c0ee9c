/** Whole runs of tables, numbers and several labels: what they learn, and that they go on exactly from a state. */
import { beforeAll, describe, expect, it } from 'vitest';
import { onlyView, type Dataset } from '../../../src/data/dataset';
import { RunRecord } from '../../../src/record/run-record';
import { entriesOf, eventsOf } from '../../../src/storage/event-log';
import { pack, unpack } from '../../../src/storage/pack';
import { packSet, unpackSet } from '../../../src/storage/set-handle';
import { soundEntries } from '../../../src/storage/run-contents';
import { tf } from '../../../src/engine/tf';
import type { Checkpoint } from '../../../src/training/checkpoint';
import type { RunEvent } from '../../../src/training/events';
import { Run } from '../../../src/training/run';
import { tried } from '../../support/long';
import { blobs, hands, labelledRows } from '../../support/task-sets';
import { useWasm } from '../../support/wasm-in-node';
import { expectSame } from './same';
import { noAssets, numbersOf, ofType, tinyRecipe } from './tiny';

beforeAll(useWasm);

async function carriedOut(
  recipe: ReturnType<typeof tinyRecipe>,
  dataset: Dataset,
  places: readonly number[] = [],
  from: Checkpoint | null = null,
) {
  const run = new Run(recipe, dataset, { fetchAsset: noAssets }, from);
  const events: RunEvent[] = [];
  const saves: { state: Checkpoint; told: RunEvent[] }[] = [];
  let ticked = 0;
  for await (const tick of run.ticks()) {
    events.push(...tick);
    if (!places.includes(++ticked)) continue;
    events.push(...(await run.flush()));
    saves.push({ state: structuredClone(await run.checkpoint()), told: [...events] });
  }
  run.dispose();
  return { events, saves };
}

/** A run that is also taken up from a state on its way, and read from its stored log; the record of it. */
async function recordOf(recipe: ReturnType<typeof tinyRecipe>, dataset: Dataset): Promise<RunRecord> {
  const before = tf.memory().numTensors;
  const whole = await carriedOut(recipe, dataset, [90]);
  expect(ofType(whole.events, 'failed')).toEqual([]);
  expect(whole.saves).toHaveLength(1);
  for (const { state, told } of whole.saves) {
    const { events } = await carriedOut(recipe, dataset, [], state);
    expectSame(numbersOf([...told, ...events]), numbersOf(whole.events));
  }
  expect(tf.memory().numTensors).toBe(before);
  const entries = entriesOf(whole.events);
  const stored = soundEntries(unpack(pack(entries)));
  expect(stored).toHaveLength(entries.length);
  const [live, read] = [new RunRecord('a', recipe), new RunRecord('a', recipe)];
  live.take(whole.events);
  read.take(eventsOf(stored));
  expect(read.outcome).toEqual(live.outcome);
  expect(read.answers).toEqual(live.answers);
  expect(read.tracked).toEqual(live.tracked);
  return live;
}

const hkd = (changes: object = {}) => ({
  id: 'hint-dynamic',
  knobs: { metaInterval: 2, metaWarmup: 0, metaSet: 'next-batch', metaHidden: 16, ...changes },
});

describe('a table of classes', () => {
  it('is learned with soft targets and relations under hint-dynamic weights', async () => {
    const recipe = tinyRecipe({
      material: { dataset: 'upload', labelsPerClass: 10, unlabelled: 60, shift: 2, flip: true, halve: true },
      teacher: {
        kind: 'single',
        knobs: { source: 'train', network: 'mlp-32', epochs: 8, batch: 20, learningRate: 0.02 },
      },
      student: { network: 'mlp-8' },
      hints: [
        { id: 'kd', weight: 1 },
        { id: 'rkd', weight: 0.1 },
      ],
      weighting: hkd(),
      objective: { hardAnswers: true },
      schedule: { steps: 60, batch: 24, evaluateEvery: 20, learningRate: 0.03 },
    });
    // As it was stored before tables kept how the columns of their file became numbers.
    expect(blobs().inputs[onlyView]).not.toHaveProperty('columns');
    const { parts, hash } = await packSet(blobs());
    const dataset = await unpackSet(new Uint8Array(await new Blob([...parts]).arrayBuffer()), hash);
    const { facts, outcome, tracked, snapshots } = await recordOf(recipe, dataset);
    expect(facts).toMatchObject({ task: 'classification', dataset: { shape: [4] } });
    expect(facts!.notes.filter((note) => note.includes('is left out: it is for images'))).toHaveLength(3);
    expect(outcome!.final.teacher).toBeGreaterThan(0.9);
    expect(outcome!.final.student).toBeGreaterThan(0.9);
    expect(tracked!.vectors!.names).toEqual(['x1', 'x2', 'x3', 'x4']);
    expect(tracked!.vectors!.values).toHaveLength(4 * tracked!.images.length);
    expect(snapshots.latest!.probabilities.student).toHaveLength(3 * tracked!.images.length);
  });

  it('refuses networks that look at neighbouring pixels, by a sentence', async () => {
    const recipe = tinyRecipe({ student: { network: 'cnn-2-4' }, hints: [] });
    const { events } = await carriedOut(recipe, blobs());
    expect(ofType(events, 'failed')[0]).toMatchObject({
      message: 'cnn-2-4 does not fit this table: A table has no neighbouring pixels; take an MLP.',
      knob: 'student.network',
    });
  });
});

describe('pictures with a number', () => {
  const recipe = (changes: Record<string, unknown>) =>
    tinyRecipe({
      material: { dataset: 'upload', labelsPerClass: 8, unlabelled: 100, labelNoise: 10, validation: 10 },
      teacher: {
        kind: 'single',
        knobs: { source: 'train', network: 'cnn-4-8', epochs: 6, batch: 20, learningRate: 0.01 },
      },
      student: { network: 'cnn-2-4' },
      hints: [
        { id: 'logits', weight: 1 },
        { id: 'fitnet', weight: 0.1 },
      ],
      schedule: { steps: 60, batch: 24, evaluateEvery: 20, learningRate: 0.02 },
      ...changes,
    });

  it('are learned by their outputs and features under hint-dynamic weights, in degrees', async () => {
    const dataset = hands();
    const { facts, outcome, tracked, snapshots, steps, answers } = await recordOf(
      recipe({
        weighting: hkd({ metaSet: 'held-out', metaPerClass: 1, metaBatch: 8 }),
        objective: { hardAnswers: true },
      }),
      dataset,
    );
    expect(facts).toMatchObject({ task: 'regression', targets: { names: ['angle'], units: ['°'] } });
    expect(facts!.wrongLabels).toBeGreaterThan(0);
    expect(steps.student.keys).toEqual(expect.arrayContaining(['mse', 'mse·w', 'logits', 'fitnet·w']));
    expect(steps.student.keys).not.toContain('ce');
    const { scores, final } = outcome!;
    expect(Object.keys(scores)).toEqual(['mae', 'rmse', 'r2']);
    expect(final).toEqual(scores['mae']);
    // Guessing the mean of 0 to 90 degrees is 22.5 degrees off.
    expect(final.teacher).toBeLessThan(18);
    expect(final.student).toBeLessThan(22);
    expect(Object.keys(answers!.answered)).toEqual(expect.arrayContaining(['student', 'teacher', 'control']));
    expect(Math.max(...answers!.targets)).toBeGreaterThan(70);
    const { index } = tracked!.images[0]!;
    expect(tracked!.targets!.truth[0]).toBe(dataset.train.targets.values[index]);
    expect(tracked!.targets!.given.some(Number.isNaN)).toBe(true);
    expect(snapshots.latest!.answers!.student).toHaveLength(tracked!.images.length);
  });

  it.each(tried(['one-stage', 'greedy']))('are learned along a teacher’s route (%s)', async (strategy) => {
    const { outcome, views } = await recordOf(
      recipe({
        hints: [{ id: 'logits', weight: 1 }],
        teacher: {
          kind: 'route',
          knobs: {
            network: 'cnn-4-8',
            epochs: 6,
            batch: 20,
            learningRate: 0.01,
            strategy,
            anchors: 3,
            maxAnchors: 3,
          },
        },
      }),
      hands(),
    );
    expect(outcome!.final.student).toBeLessThan(24);
    const route = [...views.values()].find(({ view: { view: kind } }) => kind === 'route');
    expect(route!.view).toMatchObject({ task: 'regression' });
  });

  it('are learned from an ensemble, whose numbers are averaged', async () => {
    const { outcome } = await recordOf(
      recipe({
        hints: [{ id: 'logits', weight: 1 }],
        teacher: {
          kind: 'ensemble',
          knobs: {
            network: 'cnn-4-8',
            members: 2,
            epochs: 4,
            batch: 20,
            learningRate: 0.01,
            average: 'probabilities',
          },
        },
      }),
      hands(),
    );
    expect(outcome!.final.teacher).toBeLessThan(20);
  });

  it.each([
    [
      { hints: [{ id: 'kd' }] },
      /^This set’s targets are numbers; “KD.*” needs classes\. Use “Logit matching” or a feature loss\.$/,
    ],
    [{ teacher: { kind: 'peers' } }, /^This set’s targets are numbers; “DML · Peers” needs classes\./],
    [{ teacher: { kind: 'specialists' } }, /^This set’s targets are numbers; “Unified ensemble/],
    [
      {
        teacher: {
          kind: 'single',
          knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, corruption: 'rotated' },
        },
      },
      /half of the classes need classes, and this set’s targets are numbers/,
    ],
    [
      { teacher: { kind: 'single', knobs: { source: 'digits-8x8-cnn-16-32-64' } } },
      /knows images of 10 classes\. This set’s targets are numbers/,
    ],
  ])('refuse what needs classes: %j', async (changes, message) => {
    const { events } = await carriedOut(recipe(changes), hands());
    expect(ofType(events, 'failed')[0]?.message).toMatch(message);
  });
});

describe('several labels at once', () => {
  it('are learned label by label under hint-dynamic weights', async () => {
    const recipe = tinyRecipe({
      material: { dataset: 'upload', labelsPerClass: 8, unlabelled: 100, labelNoise: 10 },
      teacher: {
        kind: 'single',
        knobs: { source: 'train', network: 'mlp-32', epochs: 10, batch: 20, learningRate: 0.02 },
      },
      student: { network: 'mlp-8' },
      hints: [
        { id: 'mld', weight: 1 },
        { id: 'sp', weight: 10 },
      ],
      weighting: hkd(),
      objective: { hardAnswers: true },
      schedule: { steps: 60, batch: 24, evaluateEvery: 20, learningRate: 0.03 },
    });
    const { facts, outcome, steps, snapshots, tracked } = await recordOf(recipe, labelledRows());
    expect(facts!.targets!.names).toEqual(['label 1', 'label 2', 'label 3']);
    expect(steps.student.keys).toContain('bce');
    expect(outcome!.scores['map']!.teacher).toBeGreaterThan(0.9);
    expect(outcome!.scores['map']!.student).toBeGreaterThan(0.85);
    expect(outcome!.perTarget!['f1']!.student).toHaveLength(3);
    const probabilities = snapshots.latest!.answers!.student!;
    expect(probabilities).toHaveLength(3 * tracked!.images.length);
    expect(probabilities.every((value) => value >= 0 && value <= 1)).toBe(true);
  });
});
