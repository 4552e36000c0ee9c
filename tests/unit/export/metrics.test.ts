import { expect, test } from 'vitest';
import { defaultRecipe, readRecipe } from '../../../src/distill/recipe';
import { instancesCsv, metricsCsv } from '../../../src/export/metrics-csv';
import { metricsJson } from '../../../src/export/metrics-json';
import { recipeJson } from '../../../src/export/recipe-json';
import type { RunRecord } from '../../../src/export/record';

const empty = { steps: [], columns: {} };
const record: RunRecord = {
  name: 'A, "quoted" name',
  number: 1,
  recipe: defaultRecipe(),
  facts: null,
  final: { student: 0.5 },
  perClass: null,
  seconds: 2,
  knobs: [],
  steps: {
    teacher: empty,
    prelude: empty,
    student: { steps: [1, 2], columns: { total: [2.5, Number.NaN], 'a,b': [1, 2] } },
  },
  evaluations: { teacher: empty, prelude: empty, student: { steps: [2], columns: { student: [0.5] } } },
  watched: [
    { index: 7, trueLabel: 1, givenLabel: -1 },
    { index: 9, trueLabel: 0, givenLabel: 1 },
  ],
  moments: [{ step: 2, values: { 'loss:ce': Float32Array.of(0.1, 0.25) } }],
};

test('metrics as a table', () => {
  expect(metricsCsv(record).split('\n')).toEqual([
    'phase,kind,step,loss:total,"loss:a,b",accuracy:student',
    'student,step,1,2.5,1,',
    'student,step,2,,2,',
    'student,evaluation,2,,,0.5',
    '',
  ]);
});

test('watched images as a table', () => {
  expect(instancesCsv(record).split('\n')).toEqual([
    'step,image,true_label,given_label,loss:ce',
    '2,7,1,,0.1',
    '2,9,0,1,0.25',
    '',
  ]);
});

test('everything as JSON, with null for what is not a number', () => {
  const read = JSON.parse(metricsJson(record)) as typeof record & {
    steps: { student: { columns: Record<string, (number | null)[]> } };
  };
  expect(read.steps.student.columns['total']).toEqual([2.5, null]);
  expect(read.name).toBe(record.name);
  expect(readRecipe(read.recipe).problems).toEqual([]);
});

test('a recipe file can be read again', () => {
  expect(readRecipe(JSON.parse(recipeJson(defaultRecipe())))).toEqual({
    recipe: defaultRecipe(),
    problems: [],
  });
});
