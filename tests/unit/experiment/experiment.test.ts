import { describe, expect, it } from 'vitest';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultRecipe } from '../../../src/distill/recipe';
import { readExperiment, cellsOf, experimentOfMethods } from '../../../src/experiment/experiment';
import { strangeParts } from '../../../src/experiment/strange-parts';
import type { RunSize } from '../../../src/experiment/fair-row';
import { pairOf, tableOf, unfairnessOf, type CellResult } from '../../../src/experiment/table';
import Papa from 'papaparse';
import { experimentJson } from '../../../src/export/experiment-json';
import { tableLatex } from '../../../src/export/experiment-latex';
import { resultsCsv, tableMarkdown } from '../../../src/export/experiment-tables';

const experiment = {
  version: 2,
  title: 'Two',
  base: { schedule: { steps: 100 } },
  seeds: [4, 5],
  entries: [
    { method: 'kd', set: { 'hints.0.knobs.temperature': 8 } },
    { name: 'Mine, "quoted"', recipe: { hints: [{ id: 'logits' }], schedule: { steps: 50 } } },
  ],
};

describe('an experiment', () => {
  it('applies methods to its base and turns knobs', () => {
    const { experiment: read, problems } = readExperiment(experiment);
    expect(problems).toEqual([]);
    const [first, second] = read!.entries;
    expect(first).toMatchObject({ name: 'KD · Knowledge distillation', method: 'kd' });
    expect(first!.recipe.hints[0]!.knobs['temperature']).toBe(8);
    expect(first!.recipe.schedule.steps).toBe(100);
    expect(second!.recipe.schedule.steps).toBe(50);
    expect(cellsOf(read!).map(({ entry, recipe }) => [entry, recipe.seed])).toEqual([
      [0, 4],
      [1, 4],
      [0, 5],
      [1, 5],
    ]);
  });

  it('compares any two rows seed by seed', () => {
    const result = (entry: number, seed: number, student: number): CellResult => ({
      ...{ entry, seed, student, control: null, teacher: null, seconds: 1, stepMs: 1, failure: null },
    });
    const all = [
      result(0, 1, 0.9),
      result(1, 1, 0.8),
      result(0, 2, 0.94),
      result(1, 2, 0.8),
      result(0, 3, 1),
    ];
    const pair = pairOf(all, [0, 1]);
    expect(pair).toMatchObject({ n: 2, wins: 2, verdict: 'undecided' });
    expect(pair!.mean).toBeCloseTo(0.12);
    expect(pairOf(all, [1, 0])!.mean).toBeCloseTo(-0.12);
    expect(pairOf(all.slice(0, 1), [0, 1])).toBeNull();
  });

  it('says which parts of a file mean nothing, and takes a seed once', () => {
    const file = { version: 2, axis: [], seeds: [1, 1], entries: [{ method: 'kd', sets: {} }] };
    expect(strangeParts(file).map(({ message }) => message)).toEqual([
      '"axis" is not a part of an experiment.',
      '"sets" is not a part of an entry.',
    ]);
    expect(readExperiment(file).experiment?.seeds).toEqual([1]);
  });

  it('gives rows of one name names of their own', () => {
    const kd = (steps: number) => ({ method: 'kd', set: { 'schedule.steps': steps } });
    const { experiment: read } = readExperiment({ version: 2, entries: [kd(10), kd(20), kd(20)] });
    const name = 'KD · Knowledge distillation, Steps';
    expect(read!.entries.map((entry) => entry.name)).toEqual([`${name} 10`, `${name} 20`, `${name} 20 (2)`]);
    expect(read!.entries[1]!.recipe.title).toBe(`${name} 20`);
  });

  it.each([
    [null, /JSON object/],
    [{ ...experiment, version: 3 }, /versions 1 and 2/],
    [{ ...experiment, seeds: ['a'] }, /whole numbers/],
    [{ ...experiment, entries: [] }, /list of entries/],
    [{ ...experiment, entries: [{ method: 'alchemy' }] }, /"alchemy" is not a method/],
    [
      { ...experiment, entries: [{ method: 'kd', set: { 'hints.3.weight': 1 } }] },
      /hints.3.weight is not a knob/,
    ],
    [{ ...experiment, entries: [{ method: 'kd', set: { 'schedule.steps': -1 } }] }, /Steps/],
    [{ ...experiment, base: { schedule: { steps: 'many' } } }, /Steps/],
  ])('is refused in plain words: %#', (input, sentence) => {
    const { experiment: read, problems } = readExperiment(input);
    expect(read).toBeNull();
    expect(problems.map(({ message }) => message).join(' ')).toMatch(sentence);
  });

  it('can hold every method of the picker', () => {
    const { experiment: all } = experimentOfMethods(
      defaultRecipe(),
      methods.map(({ id }) => id),
      [1],
    );
    expect(all.entries).toHaveLength(methods.length);
    const { experiment: read, problems } = readExperiment({ version: 2, entries: 'all methods' });
    expect(problems).toEqual([]);
    expect(read!.entries).toHaveLength(methods.length);
    expect(new Set(all.entries.map(({ name }) => name)).size).toBe(methods.length);
  });
});

describe('its table', () => {
  const { experiment: read } = readExperiment(experiment);
  const size: RunSize = {
    labelled: 50,
    unlabelled: 0,
    meta: 0,
    steps: 100,
    student: 10,
    beside: 0,
    teacher: 20,
  };
  const result = (entry: number, seed: number, student: number, control: number): CellResult => ({
    entry,
    seed,
    student,
    control,
    teacher: 0.99,
    seconds: 2,
    stepMs: 5,
    failure: null,
  });
  const results = [
    result(0, 4, 0.9, 0.8),
    result(0, 5, 0.7, 0.8),
    { ...result(1, 4, 0, 0), student: null, control: null, failure: 'It diverged, twice.' },
  ];

  it('pairs each student with its own control', () => {
    const [first, second] = tableOf(read!, results);
    expect(first).toMatchObject({ runs: 2, gain: { wins: 1, n: 2 }, seconds: 2, stepMs: 5, failures: [] });
    expect(first!.student!.mean).toBeCloseTo(0.8, 9);
    expect(first!.student!.deviation).toBeCloseTo(Math.SQRT2 / 10, 9);
    expect(first!.gain!.mean).toBeCloseTo(0, 9);
    expect(first!.gain!.deviation).toBeCloseTo(Math.SQRT2 / 10, 9);
    expect(second).toMatchObject({ runs: 0, student: null, gain: null });
    expect(second!.failures).toEqual(['It diverged, twice.']);
  });

  it('names labels that the student had and its control did not', () => {
    const extra = results.map((each) =>
      each.entry === 0 ? { ...each, size: { ...size, meta: 1100 } } : each,
    );
    const [first, second] = tableOf(read!, extra);
    expect([first!.extraLabels, second!.extraLabels]).toEqual([1100, 0]);
    const [, , ...lines] = tableMarkdown(tableOf(read!, extra)).split('\n');
    expect(lines.map((line) => line.includes('learned with 1,100 extra labels'))).toEqual(
      lines.map((_, i) => i === 0),
    );
    expect(resultsCsv(read!, extra).split('\n')[1]).toContain(',5,1100,');
  });

  it('is written for people and for machines', () => {
    const text = tableMarkdown(tableOf(read!, results));
    expect(text).toContain(
      '| 80.0 ± 14.1 | 80.0 | 0.0 ± 14.1 | -127.1 to +127.1 | 1/2 | undecided | 99.0 | 2.0 | 5.0 |',
    );
    expect(text).toContain('1 failed: It diverged, twice.');
    expect(resultsCsv(read!, results).split('\n')[3]).toContain(
      '"Mine, ""quoted""",,4,,,0.99,2,5,0,"It diverged, twice."',
    );
    // What sets the entries apart goes with every run.
    const { data } = Papa.parse<Record<string, string>>(resultsCsv(read!, results).trim(), { header: true });
    const mind = unfairnessOf(read!, results).join(' ');
    expect(mind).not.toBe('');
    expect(data.map((row) => row['mind_when_comparing'])).toEqual(results.map(() => mind));
  });

  it('is written about the score that was chosen', () => {
    const scored = results.map((each) => ({ ...each, scores: { nll: { student: 0.25, control: 0.5 } } }));
    const { data } = Papa.parse<Record<string, string>>(resultsCsv(read!, scored, 'nll').trim(), {
      header: true,
    });
    expect(data[0]).toMatchObject({ score: 'nll', student: '0.25', control: '0.5', teacher: '' });
    const json = JSON.parse(experimentJson(read!, scored, 'nll')) as unknown;
    expect(json).toMatchObject({ score: { id: 'nll' }, table: [{ student: { mean: 0.25 } }, {}] });
    expect(tableLatex(read!, scored, 'nll')).toContain('lower is better');
  });
});
