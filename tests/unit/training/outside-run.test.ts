/** A run whose numbers and weights come in files is, as far as these say, the run that wrote them. */
import { beforeAll, expect, test } from 'vitest';
import type { Recipe } from '../../../src/distill/recipe';
import { tf } from '../../../src/engine/tf';
import { metricsOf } from '../../../src/record/run-metrics';
import { readOutsideMetrics, type OutsideMetrics } from '../../../src/record/outside-metrics';
import { RunRecord } from '../../../src/record/run-record';
import { takeOutsideRun } from '../../../src/training/outside-run';
import type { Dataset } from '../../../src/data/dataset';
import { soundEntries } from '../../../src/storage/run-contents';
import { entriesOf } from '../../../src/storage/event-log';
import { labelledRows } from '../../support/task-sets';
import { useWasm } from '../../support/wasm-in-node';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const help = { fetchAsset: noAssets, importedFiles: () => Promise.resolve(null) };

function metricsIn(content: object): OutsideMetrics {
  const metrics = readOutsideMetrics(JSON.parse(JSON.stringify(content)));
  if ('problem' in metrics) throw new Error(metrics.problem);
  return metrics;
}

/** A run of the page, and the files that it leaves. */
async function files(recipe: Recipe, dataset: Dataset) {
  const { run, events } = await train(recipe, dataset);
  const record = new RunRecord('here', recipe);
  record.take(events);
  const [student, teacher] = [(await run.weights('student'))!, await run.weights('teacher')];
  run.dispose();
  const content = { ...metricsOf(record, { name: 'Elsewhere', number: 1 }), trainedIn: 'PyTorch 9 on cpu' };
  return { record, events, student, teacher, content };
}

const cases: [string, Recipe, Dataset][] = [
  [
    'classes, from images',
    tinyRecipe({ hints: [{ id: 'kd' }], material: { dataset: 'upload', halve: true } }),
    tinyDataset(),
  ],
  [
    'several labels, in low precision, without a teacher',
    tinyRecipe({ hints: [], teacher: { kind: 'none' }, student: { network: 'mlp-8', bitsWeights: '4' } }),
    labelledRows(),
  ],
];

test.each(cases)(
  '%s: curves, scores, confusion and predictions are those of the run',
  async (_, recipe, dataset) => {
    const { record, events, student, teacher, content } = await files(recipe, dataset);
    const before = tf.memory().numTensors;
    const taken = await takeOutsideRun({ metrics: metricsIn(content), dataset, student, teacher }, help);
    expect(tf.memory().numTensors).toBe(before);
    const entries = entriesOf(taken.events);
    // What is not sound would be left out when it is read from the storage.
    expect(soundEntries(entries)).toHaveLength(entries.length);
    const again = new RunRecord('again', recipe);
    again.take(taken.events);
    expect(again.facts).toMatchObject({ trainedIn: 'PyTorch 9 on cpu', networks: record.facts!.networks });
    expect(again.steps.student.column('total')).toEqual(record.steps.student.column('total'));
    expect(again.evaluations.student.column('student')).toEqual(record.evaluations.student.column('student'));
    expect(again.confusion.student).toEqual(record.confusion.student);
    expect(again.outcome!.final.student).toBe(record.outcome!.final.student);
    expect(again.outcome!.final.teacher).toBe(record.outcome!.final.teacher);
    expect(again.outcome!.further).toMatchObject(
      Object.fromEntries(
        Object.entries(record.outcome!.further!).map(([id, { student: own }]) => [id, { student: own }]),
      ),
    );
    expect(again.tracked).toEqual(record.tracked);
    const [last, shown] = [events, taken.events].map((all) => ofType(all, 'instances').at(-1)!.snapshot);
    expect(shown!.probabilities.student).toEqual(last!.probabilities.student);
    expect(shown!.answers?.student).toEqual(last!.answers?.student);
    expect(again.warnings).toEqual([]);
    expect(Object.keys(taken.weights)).toEqual(teacher ? ['student', 'teacher'] : ['student']);
  },
);

test('other weights, other data and files that are none are said in words', async () => {
  const [, recipe, dataset] = cases[0]!;
  const { student, content, record } = await files(recipe, dataset);
  const curves = await takeOutsideRun(
    { metrics: metricsIn(content), dataset, student: null, teacher: null },
    help,
  );
  const again = new RunRecord('again', recipe);
  again.take(curves.events);
  expect(again.outcome!.final).toEqual(record.outcome!.final);
  expect(again.evaluations.student.column('student')).toEqual(record.evaluations.student.column('student'));
  const claimed = metricsIn({ ...content, final: { student: 0.123 } });
  const doubted = await takeOutsideRun({ metrics: claimed, dataset, student, teacher: null }, help);
  const [numbers, teacherLacks] = ofType(doubted.events, 'warning').map(({ text }) => text);
  expect(numbers).toContain('0.1230');
  expect(teacherLacks).toBe(
    'The teacher is not shown: it was trained, and its weights did not come with the run. Choose teacher.safetensors too.',
  );
  const other = metricsIn({
    ...content,
    recipe: { ...recipe, student: { ...recipe.student, network: 'cnn-3-4' } },
  });
  await expect(takeOutsideRun({ metrics: other, dataset, student, teacher: null }, help)).rejects.toThrow(
    /not those of the recipe’s student \(cnn-3-4\)/,
  );
  expect(JSON.stringify(readOutsideMetrics({ key: 'x', results: [] }))).toMatch(/"problem":.*metrics\.json/);
});
