import { beforeAll, expect, test } from 'vitest';
import { labelsOf } from '../../../src/data/dataset';
import { RunRecord } from '../../../src/record/run-record';
import { entriesOf, eventsOf } from '../../../src/storage/event-log';
import { pack, unpack } from '../../../src/storage/pack';
import { soundEntries } from '../../../src/storage/run-contents';
import { useWasm } from '../../support/wasm-in-node';
import { ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const classes = 4;

test.each([0, 20])(
  'a measurement says image by image what it counted (%i percent for validation)',
  async (validation) => {
    const recipe = tinyRecipe({ hints: [{ id: 'kd' }], material: { dataset: 'upload', validation } });
    const dataset = tinyDataset();
    const { run, events } = await train(recipe, dataset);
    run.dispose();
    const measured = ofType(events, 'evaluation').filter(({ phase }) => phase === 'student');
    expect(measured.length).toBeGreaterThan(1);
    for (const { samples, confusion, split, images } of measured) {
      const { rows, labels, predicted } = samples!;
      const part = split === 'test' ? dataset.test : dataset.train;
      expect(split).toBe(validation > 0 ? 'validation' : 'test');
      expect(Array.from(labels)).toEqual(Array.from(rows, (row) => labelsOf(part)[row]));
      expect(rows.length).toBe(images);
      expect(Object.keys(predicted).sort()).toEqual(['control', 'student', 'teacher']);
      for (const learner of ['student', 'control', 'teacher'] as const) {
        const counts = new Array<number>(classes ** 2).fill(0);
        predicted[learner]!.forEach((given, place) => counts[labels[place]! * classes + given]!++);
        expect(counts).toEqual(confusion[learner]);
      }
    }

    // The log keeps those of the last measurement of a chunk, and a record of it is that of the run.
    const entries = entriesOf(events);
    expect(entries.filter((entry) => entry.type === 'evaluation' && entry.samples)).toHaveLength(1);
    const stored = soundEntries(unpack(pack(entries)));
    expect(stored).toHaveLength(entries.length);
    const [live, read] = [new RunRecord('a', recipe), new RunRecord('a', recipe)];
    live.take(events);
    read.take(eventsOf(stored));
    expect(read.samples).toEqual(live.samples);
    expect(live.samples).toEqual({ split: measured.at(-1)!.split, ...measured.at(-1)!.samples });
  },
);

test('samples of other lengths than their rows are no part of a log', () => {
  const evaluation = {
    type: 'evaluation',
    phase: 'student',
    step: 1,
    split: 'test',
    images: 2,
    accuracy: {},
    trainAccuracy: {},
    confusion: {},
    loss: {},
  };
  const samples = (predicted: number) => ({
    rows: new Int32Array(2),
    labels: new Uint16Array(2),
    predicted: { student: new Uint16Array(predicted) },
  });
  expect(soundEntries([evaluation, { ...evaluation, samples: samples(2) }])).toHaveLength(2);
  expect(soundEntries([{ ...evaluation, samples: samples(3) }])).toEqual([]);
});
