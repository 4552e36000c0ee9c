import { expect, test } from 'vitest';
import { defaultRecipe, readRecipe } from '../../../src/distill/recipe';
import { instancesCsv, metricsCsv } from '../../../src/export/metrics-csv';
import { recipeJson } from '../../../src/export/recipe-json';
import { metricsOf, type Metrics } from '../../../src/record/run-metrics';
import { RunRecord } from '../../../src/record/run-record';

const empty = { steps: [], columns: {} };
const metrics: Metrics = {
  ...metricsOf(new RunRecord('run', defaultRecipe()), { name: 'A, "quoted" name', number: 1 }),
  steps: {
    teacher: empty,
    prelude: empty,
    student: { steps: [1, 2], columns: { total: [2.5, null], 'a,b': [1, 2] } },
  },
  curves: { teacher: empty, prelude: empty, student: { steps: [2], columns: { student: [0.5] } } },
  watchedImages: [
    { index: 7, trueLabel: 1, givenLabel: -1 },
    { index: 9, trueLabel: 0, givenLabel: 1 },
  ],
  moments: [{ step: 2, values: { 'loss:ce': [0.1, 0.25] } }],
};

test('metrics as a table', () => {
  expect(metricsCsv(metrics).split('\n')).toEqual([
    'phase,kind,step,loss:total,"loss:a,b",accuracy:student',
    'student,step,1,2.5,1,',
    'student,step,2,,2,',
    'student,evaluation,2,,,0.5',
    '',
  ]);
});

test('watched images as a table', () => {
  expect(instancesCsv(metrics).split('\n')).toEqual([
    'step,image,true_label,given_label,loss:ce',
    '2,7,1,,0.1',
    '2,9,0,1,0.25',
    '',
  ]);
});

test('a recipe file can be read again', () => {
  expect(readRecipe(JSON.parse(recipeJson(defaultRecipe())))).toEqual({
    recipe: defaultRecipe(),
    problems: [],
  });
});
