import { expect, it } from 'vitest';
import { bandOf } from '../../../src/app/experiment-figures/band';
import { knobGrid, sweptKnobs } from '../../../src/app/experiment-figures/knob-grid';
import { costAbouts, costPoints } from '../../../src/app/experiment-figures/pareto';
import { defaultRecipe } from '../../../src/distill/recipe';
import { experimentOfMethods } from '../../../src/experiment/experiment';
import { tableOf, type CellResult } from '../../../src/experiment/table';

const result = (entry: number, seed: number, student: number, parameters = 100): CellResult => ({
  entry,
  seed,
  student,
  control: 0.5,
  teacher: 0.9,
  seconds: 1,
  stepMs: 1,
  size: { labelled: 10, unlabelled: 0, meta: 0, steps: 10, student: parameters, beside: 0, teacher: 1000 },
  failure: null,
});

it('two swept knobs make a grid, with the mean over all runs of a cell', () => {
  const { experiment } = experimentOfMethods(
    defaultRecipe(),
    ['kd', 'dkd'],
    [1, 2],
    [
      { knob: 'schedule.steps', values: [200, 50] },
      { knob: 'student.network', values: ['mlp-16', 'mlp-32'] },
    ],
  );
  const knobs = sweptKnobs(experiment);
  expect(knobs.map(({ path }) => path)).toEqual(['schedule.steps', 'student.network']);
  const results = experiment.entries.flatMap((_, entry) => [result(entry, 1, 0.1 * entry)]);
  const grid = knobGrid(experiment, tableOf(experiment, results), knobs[0]!, knobs[1]!);
  expect(grid.across.values).toEqual(['50', '200']);
  expect(grid.isMixed).toBe(true);
  expect(grid.cells).toHaveLength(2);
  for (const cell of grid.cells.flat()) {
    expect(cell.entries).toHaveLength(2);
    expect(cell.mean).toBeCloseTo(0.05 * (cell.entries[0]! + cell.entries[1]!));
  }
});

it('the Pareto line holds the rows that no other beats in both', () => {
  const { experiment } = experimentOfMethods(defaultRecipe(), ['labels-only', 'kd', 'dkd', 'rkd'], [1]);
  const results = [
    result(0, 1, 0.7, 100),
    result(1, 1, 0.9, 300),
    result(2, 1, 0.6, 200),
    result(3, 1, 0.9, 400),
  ];
  const points = costPoints(tableOf(experiment, results), results, costAbouts[0]!, false);
  expect(points.map(({ entry }) => entry)).toEqual([0, 2, 1, 3]);
  expect(points.filter(({ isOnFront }) => isOnFront).map(({ entry }) => entry)).toEqual([0, 1]);
  const lower = costPoints(tableOf(experiment, results), results, costAbouts[0]!, true);
  expect(lower.filter(({ isOnFront }) => isOnFront).map(({ entry }) => entry)).toEqual([0, 2]);
});

it('a band holds the steps that all runs have, with the interval of the mean', () => {
  const runOf = (steps: number[], values: number[]) => ({ steps, values });
  const points = bandOf([runOf([0, 10, 20], [0.2, 0.4, Number.NaN]), runOf([0, 10, 20], [0.4, 0.6, 0.8])]);
  expect(points.map(({ step, n }) => [step, n])).toEqual([
    [0, 2],
    [10, 2],
  ]);
  expect(points[0]!.mean).toBeCloseTo(0.3);
  // Student's t of one degree of freedom: 12.706 standard errors of 0.1.
  expect(points[0]!.low).toBeCloseTo(0.3 - 1.2706, 3);
  expect(bandOf([runOf([0], [0.5])])).toEqual([{ step: 0, mean: 0.5, low: null, high: null, n: 1 }]);
  expect(bandOf([])).toEqual([]);
});
