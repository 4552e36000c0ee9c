import { describe, expect, it } from 'vitest';
import { defaultRecipe, knobAt } from '../../../src/distill/recipe';
import { axisKnobs, firstValues, rangeOf } from '../../../src/experiment/axes';
import { readExperiment, cellsOf, experimentOfMethods, fileOfRows } from '../../../src/experiment/experiment';

const temperature = 'hints.0.knobs.temperature';
const read = (changes: object) =>
  readExperiment({ version: 2, base: { schedule: { steps: 100 } }, seeds: [1], ...changes });

it('rows of crossed axes read the same when they are listed', () => {
  const axes = [{ knob: 'student.network', values: ['mlp-32', 'mlp-64'] }];
  const { experiment } = experimentOfMethods(defaultRecipe(), ['kd', 'labels-only'], [1], axes);
  const file = fileOfRows(defaultRecipe(), experiment, experiment.entries.slice(1));
  expect(readExperiment(file).experiment!.entries).toEqual(experiment.entries.slice(1));
});

describe('the axes of an experiment', () => {
  it('cross every entry with every value, the last axis fastest', () => {
    const { experiment, problems } = read({
      seeds: [1, 2],
      axes: [
        { knob: temperature, values: [1, 4] },
        { knob: 'schedule.steps', from: 10, to: 1000, count: 3, scale: 'log' },
      ],
    });
    expect(problems).toEqual([]);
    const rows = experiment!.entries.map(({ recipe }) => [
      recipe.hints[0]!.knobs.temperature,
      recipe.schedule.steps,
    ]);
    expect(rows).toEqual([
      [1, 10],
      [1, 100],
      [1, 1000],
      [4, 10],
      [4, 100],
      [4, 1000],
    ]);
    expect(experiment!.entries[3]!.name).toBe('My recipe, Temperature 4, Steps 10');
    expect(experiment!.entries[3]!.axes).toEqual([temperature, 'schedule.steps']);
    expect(cellsOf(experiment!)).toHaveLength(12);
  });

  it('leave rows without the knob alone', () => {
    const { experiment } = read({
      entries: [{ method: 'labels-only' }, { method: 'kd' }],
      axes: [{ knob: temperature, values: [2, 8] }],
    });
    expect(experiment!.entries.map(({ method, axes }) => [method, axes.length])).toEqual([
      ['labels-only', 0],
      ['kd', 1],
      ['kd', 1],
    ]);
  });

  it('round whole numbers, and take a value that comes twice once', () => {
    const { experiment } = read({ axes: [{ knob: 'schedule.steps', values: [10.2, 9.8, 20] }] });
    expect(experiment!.entries.map(({ recipe }) => recipe.schedule.steps)).toEqual([10, 20]);
  });

  it.each([
    [{}, /^Axes must be a list/],
    [[4], /must be an object/],
    [[{ values: [1] }], /must name its knob/],
    [[{ knob: temperature, values: [] }], /1 to 50/],
    [[{ knob: temperature, values: [null] }], /numbers, texts or switches/],
    [[{ knob: temperature, from: 1, to: 2 }], /a count of 2 to 50/],
    [[{ knob: temperature, from: 0, to: 2, count: 3, scale: 'log' }], /above zero/],
    [[{ knob: temperature, from: 1, to: 2, count: 3, scale: 'cubic' }], /"linear" or "log"/],
    [[{ knob: 'hints.7.weight', values: [1] }], /hints.7.weight is not a knob of any row/],
    [[{ knob: 'schedule.steps', values: [-3] }], /Steps/],
    [[{ knob: 'student.network', values: ['cnn'] }], /Student network/],
  ])('are refused in plain words: %j', (axes, sentence) => {
    const { experiment, problems } = read({ axes });
    expect(experiment).toBeNull();
    expect(problems.map(({ message }) => message).join(' ')).toMatch(sentence);
  });

  it('are refused where they make more runs than anybody waits for', () => {
    const values = Array.from({ length: 50 }, (_, i) => i + 1);
    const { problems } = read({
      axes: [
        { knob: 'schedule.steps', values },
        { knob: 'schedule.evaluateEvery', values },
      ],
    });
    expect(problems[0]!.message).toMatch(/at most 2000 runs/);
  });

  it('can be any knob of a recipe, with values to begin with that it takes', () => {
    const recipe = defaultRecipe();
    const knobs = axisKnobs(recipe);
    expect(knobs.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['material.labelsPerClass', temperature, 'hints.0.weight', 'schedule.steps']),
    );
    for (const about of knobs) {
      expect(knobAt(recipe, about.path)).toBe(about.knob);
      const { problems } = experimentOfMethods(
        recipe,
        ['kd'],
        [1],
        [{ knob: about.path, values: firstValues(about) }],
      );
      expect(problems, about.path).toEqual([]);
    }
  });
});

it('a range has equal distances or equal ratios', () => {
  expect(rangeOf(0, 1, 5, 'linear')).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(rangeOf(0.001, 0.1, 3, 'log')).toEqual([0.001, 0.01, 0.1]);
});
