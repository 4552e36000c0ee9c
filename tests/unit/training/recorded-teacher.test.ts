import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/engine/tf';
import { answersFile } from '../../../src/export/answers-file';
import type { Dataset } from '../../../src/data/dataset';
import type { Recipe } from '../../../src/distill/recipe';
import { loadAnswers, inspectAnswers } from '../../../src/training/answers/load-answers';
import type { Learner } from '../../../src/training/events';
import { storedAnswers } from '../../../src/training/set-answers';
import { hands, labelledRows } from '../../support/task-sets';
import { useWasm } from '../../support/wasm-in-node';
import { npyOf } from './answers/files';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const kd = [{ id: 'kd', weight: 1 }];

/** A recipe whose teacher's answers lie in files, and what its run needs. */
function recordedIn(files: Record<string, Uint8Array>, changes: Record<string, unknown> = {}, knobs = {}) {
  const recipe = tinyRecipe({
    hints: kd,
    ...changes,
    teacher: { kind: 'recorded', knobs: { file: 'ab12', ...knobs } },
  });
  const importedFiles = async () => Object.entries(files).map(([path, bytes]) => ({ path, bytes }));
  return { recipe, help: { fetchAsset: noAssets, importedFiles } };
}

const runOf = ({ recipe, help }: ReturnType<typeof recordedIn>, dataset?: Dataset) =>
  train(recipe, dataset, undefined, help);

async function savedFrom(recipe: Recipe, learner: Learner, dataset?: Dataset) {
  const { run, events } = await train(recipe, dataset);
  const answers = (await run.answers(learner))!;
  run.dispose();
  return { answers, events };
}

describe('answers that were saved', () => {
  it('teach as the network did, from either file, shifted rows or not', async () => {
    const first = await savedFrom(
      tinyRecipe({ hints: kd, material: { dataset: 'upload', flip: false } }),
      'teacher',
    );
    const before = tf.memory().numTensors;
    for (const format of ['npz', 'csv'] as const) {
      const second = await runOf(recordedIn({ [`net.${format}`]: answersFile(first.answers, format) }));
      second.run.dispose();
      expect(tf.memory().numTensors).toBe(before);
      expect(ofType(second.events, 'failed')).toEqual([]);
      expect(ofType(second.events, 'step')).toEqual(
        ofType(first.events, 'step').filter(({ phase }) => phase === 'student'),
      );
      const { final, scores } = ofType(second.events, 'finished')[0]!;
      expect({ final, scores }).toMatchObject({
        final: ofType(first.events, 'finished')[0]!.final,
        scores: ofType(first.events, 'finished')[0]!.scores,
      });
    }
  });

  it('of a stored run are those of the run', async () => {
    const recipe = tinyRecipe({ hints: kd });
    const { run } = await train(recipe);
    const help = { fetchAsset: noAssets, importedFiles: async () => null };
    for (const learner of ['student', 'control', 'teacher'] as const) {
      const weights = (await run.weights(learner))!;
      const stored = await storedAnswers(
        { recipe, dataset: tinyDataset(), teacher: null },
        learner,
        weights,
        help,
      );
      expect(stored).toEqual(await run.answers(learner));
    }
    run.dispose();
  });

  it.each([
    ['numbers', hands(40)],
    ['labels of a table', labelledRows(60)],
  ])('of %s come back as they were', async (_, dataset) => {
    const student = dataset.inputs['input']!.kind === 'vector' ? 'mlp-8' : 'cnn-2-4';
    const recipe = tinyRecipe({
      teacher: { kind: 'none' },
      hints: [],
      student: { network: student },
    });
    const { answers } = await savedFrom(recipe, 'student', dataset);
    const bytes = answersFile(answers, 'csv');
    const [found] = await loadAnswers([{ path: 'a.csv', bytes }], dataset);
    expect(found!.hasTest).toBe(true);
    const { members } = await inspectAnswers([{ path: 'a.csv', bytes }], dataset);
    expect(members).toHaveLength(1);
    const wanted = Array.from(answers.train, (value, i) =>
      answers.scale
        ? value * answers.scale.deviation[i % answers.names.length]! +
          answers.scale.mean[i % answers.names.length]!
        : value,
    );
    found!.values.subarray(0, wanted.length).forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 3));
  });
});

describe('a recorded teacher', () => {
  const dataset = tinyDataset();
  const rows = dataset.train.count + dataset.test.count;
  const labels = [
    ...(dataset.train.targets.values as Int32Array),
    ...(dataset.test.targets.values as Int32Array),
  ];
  /** Right with this certainty. */
  const answers = (logit: number) =>
    npyOf(
      Float32Array.from({ length: rows * 4 }, (_, i) => (i % 4 === labels[Math.floor(i / 4)] ? logit : 0)),
      [rows, 4],
    );

  it('of several members shows their average, or takes turns', async () => {
    const files = { 'a.npy': answers(4), 'b.npy': answers(2) };
    const average = await runOf(recordedIn(files, {}, { fileMembers: 2 }));
    expect(ofType(average.events, 'failed')).toEqual([]);
    const all = (await average.run.answers('teacher'))!;
    expect(Math.max(...all.train)).toBe(3);
    average.run.dispose();
    const turns = await runOf(recordedIn(files, {}, { fileMembers: 2, mode: 'switch', rule: 'round-robin' }));
    expect(ofType(turns.events, 'failed')).toEqual([]);
    const shown = ofType(turns.events, 'step').map(({ values }) => values['active/teacher']);
    expect(shown.filter((value) => value !== undefined)).toEqual([1, 2, 1, 2, 1, 2]);
    turns.run.dispose();
  });

  it('needs no test split, and says what its answers are of', async () => {
    const train = npyOf(
      Float32Array.from({ length: dataset.train.count * 4 }, (_, i) =>
        i % 4 === labels[Math.floor(i / 4)] ? 3 : 0,
      ),
      [dataset.train.count, 4],
    );
    const { run, events } = await runOf(
      recordedIn({ 'train.npy': train }, { material: { dataset: 'upload', flip: true, shift: 1 } }),
    );
    run.dispose();
    expect(ofType(events, 'failed')).toEqual([]);
    expect(ofType(events, 'finished')[0]!.final.teacher).toBeUndefined();
    expect(ofType(events, 'started')[0]!.facts.notes.join()).toMatch(/recorded: .*shifted or mirrored/);
  });

  it.each([
    ['features', { hints: [{ id: 'fitnet', weight: 1 }] }, {}, /shows only its outputs/],
    ['strong views', { hints: [{ id: 'mlld', weight: 1 }] }, {}, /strongly changed copies.*recorded/],
    ['moved inputs', { hints: [{ id: 'bss', weight: 1 }] }, {}, /moves inputs|another view/],
    [
      'stimuli',
      { material: { dataset: 'upload', unlabelled: 20, realShare: 50, unlabelledFrom: 'stimuli' } },
      {},
      /recorded for the instances of the set.*stimuli/,
    ],
    [
      'another kind of numbers',
      {},
      { fileAnswers: 'probabilities' },
      /cannot be probabilities: .*not from 0 to 1/,
    ],
  ])('is refused %s in words', async (_, changes, knobs, said) => {
    const { run, events } = await runOf(recordedIn({ 'a.npy': answers(4) }, changes, knobs));
    run.dispose();
    expect(ofType(events, 'failed')[0]!.message).toMatch(said);
  });

  it('that is no better than chance is said to be so', async () => {
    const files = [{ path: 'a.npy', bytes: npyOf(new Float32Array(rows * 4).fill(1), [rows, 4]) }];
    const { doubts, members } = await inspectAnswers(files, dataset);
    expect(doubts.join()).toMatch(/no better than chance \(25.0 % right/);
    expect(members[0]).toMatchObject({ train: 0.25, test: 0.25 });
  });
});
