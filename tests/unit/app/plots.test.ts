import fc from 'fast-check';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { Lines } from '../../../src/app/instruments/plot/Lines';
import { scoreView } from '../../../src/app/instruments/score-view';
import {
  linearScale,
  logScale,
  niceTicks,
  placeOf,
  spread,
  tickFormat,
} from '../../../src/app/instruments/plot/scale';
import { comparedView, lossParts } from '../../../src/app/instruments/loss-view';
import { comparedStyle, mostCompared } from '../../../src/app/theme/run-styles';
import { defaultQuantity, silentHints } from '../../../src/app/instruments/names';
import { ninesTicks, nines } from '../../../src/app/instruments/scatter-view';
import { filteredRows } from '../../../src/app/inspector/sample-filter';
import { taskAboutOf } from '../../../src/distill/tasks/about';
import { RunRecord } from '../../../src/record/run-record';
import { defaultHint, defaultRecipe } from '../../../src/distill/recipe';
import type { RunFacts } from '../../../src/training/events';

const anyNumber = fc.double({ min: -1e4, max: 1e4, noNaN: true });

test('a plot draws straight lines over gaps, bands between two values, and references within its axis', () => {
  const drawn = renderToStaticMarkup(
    createElement(Lines, {
      rows: [
        { step: 0, a: 0, low: 0, high: 1 },
        { step: 5, a: null, low: null, high: 1 },
        { step: 10, a: 4, low: 1, high: 2 },
      ],
      lines: [
        { key: 'a', label: 'A', colour: 'red' },
        { key: 'none', label: 'None', colour: 'blue' },
      ],
      bands: [{ low: 'low', high: 'high', colour: 'red', opacity: 0.2 }],
      references: [
        { value: 1, label: 'in', colour: 'green' },
        { value: 3, label: 'out', colour: 'black' },
      ],
      scale: { kind: 'linear', domain: [0, 2], ticks: [0, 2] },
      steps: [0, 10],
      frame: { left: 10, right: 10, top: 10, bottom: 10, width: 120, height: 120 },
      xTicks: [0, 10],
    }),
  );
  const paths = [...drawn.matchAll(/<path[^>]*? d="([^"]*)"/g)].map(([, d]) => d);
  expect(paths).toEqual(['M10,60L110,10L110,60L10,110Z', 'M10,110L110,-90', '']);
  expect(drawn).toContain('y1="60" y2="60" stroke="green"');
  expect(drawn).not.toContain('black');
});

describe('an axis', () => {
  test('holds its values between round ends, with few ticks', () => {
    fc.assert(
      fc.property(anyNumber, fc.double({ min: 1e-3, max: 1e4, noNaN: true }), (low, size) => {
        const scale = linearScale(low, low + size);
        expect(scale.domain[0]).toBeLessThanOrEqual(low + 1e-6 * size);
        expect(scale.domain[1]).toBeGreaterThanOrEqual(low + size * (1 - 1e-6));
        expect(scale.ticks.length).toBeGreaterThanOrEqual(2);
        expect(scale.ticks.length).toBeLessThanOrEqual(8);
      }),
      { examples: [[9999.99999798832, 0.0030020146839433914]] },
    );
  });

  test('writes its ticks alike', () => {
    const scale = linearScale(0, 0.19);
    expect(scale.ticks.map(tickFormat(scale))).toEqual(['0.00', '0.05', '0.10', '0.15', '0.20']);
    expect(niceTicks(0, 200, 6, true)).toEqual([0, 50, 100, 150, 200]);
  });

  test('is even in factors when it is logarithmic', () => {
    const scale = logScale(0.01, 10);
    const [a, b, c] = [0.1, 1, 10].map((value) => placeOf(scale, value));
    expect(b! - a!).toBeCloseTo(c! - b!, 6);
    expect(placeOf(scale, 0)).toBe(0);
  });
});

test('labels never overlap and stay near their lines', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { maxLength: 9 }), (wanted) => {
      const places = spread(wanted, 16, 200).sort((a, b) => a - b);
      for (const [index, place] of places.entries()) {
        expect(place).toBeLessThanOrEqual(200);
        if (index > 0) expect(place - places[index - 1]!).toBeGreaterThanOrEqual(16 - 1e-9);
      }
    }),
  );
  expect(spread([50, 100], 16, 200)).toEqual([50, 100]);
});

test('confidence is counted in nines', () => {
  expect([0, 0.9, 0.999, 1].map(nines)).toEqual([0, expect.closeTo(1), expect.closeTo(3), 5]);
  expect(ninesTicks(2).map(({ text }) => text)).toEqual(['0', '50', '90', '99']);
});

test('the filters of the sample inspector', () => {
  const watched = {
    images: [
      { index: 0, trueLabel: 0, givenLabel: 0 },
      { index: 1, trueLabel: 1, givenLabel: 0 },
      { index: 2, trueLabel: 1, givenLabel: -1 },
    ],
    height: 1,
    width: 1,
    channels: 1,
    pixels: new Uint8Array(3),
  };
  const history = {
    tracked: watched,
    facts: { dataset: { classes: ['a', 'b'] } } as RunFacts,
    task: taskAboutOf(null),
  };
  const snapshot = {
    step: 0,
    losses: {},
    weights: {},
    spreads: {},
    probabilities: { teacher: [0.9, 0.1, 0.2, 0.8, 0.7, 0.3], student: [0.9, 0.1, 0.6, 0.4, 0.1, 0.9] },
  };
  const rows = (filter: Parameters<typeof filteredRows>[2]) => filteredRows(history, snapshot, filter);
  expect(rows('all')).toEqual([0, 1, 2]);
  expect(rows('teacher-only')).toEqual([1]);
  expect(rows('student-only')).toEqual([2]);
  expect(rows('wrong-label')).toEqual([1]);
  expect(rows('no-label')).toEqual([2]);
  expect(filteredRows(history, null, 'teacher-only')).toEqual([]);
});

test('another run’s student is laid over the curves', () => {
  const historyOf = (shares: Record<number, number>): RunRecord => {
    const history = new RunRecord('run', defaultRecipe());
    for (const [step, student] of Object.entries(shares))
      history.evaluations.student.push(Number(step), { student });
    return history;
  };
  const compared = {
    number: 1,
    place: 0,
    ...comparedStyle(0, true),
    history: historyOf({ 0: 0.2, 15: 0.4, 30: 0.6 }),
  };
  const view = scoreView(historyOf({ 0: 0.5, 10: 0.7 }), 'student', false, [compared]);
  expect(view.lines.at(-1)).toEqual({
    key: 'run 1',
    label: 'Student, run 1',
    colour: 'var(--student)',
    dash: '1 4',
  });
  const rounded = view.rows.map(({ step, student, ...rest }) => [
    step,
    student?.toFixed(1),
    rest['run 1']?.toFixed(1),
  ]);
  expect(rounded).toEqual([
    [0, '0.5', '0.2'],
    [10, '0.7', undefined],
    [15, undefined, '0.4'],
    [30, undefined, '0.6'],
  ]);
  expect(view.steps).toEqual([0, 30]);
  expect(view.scale.domain[0]).toBeLessThanOrEqual(0.2);
  const there = view.readAt(20);
  expect(there['student']).toBeCloseTo(0.7);
  expect(there['run 1']).toBeCloseTo(0.4);
});

test('the same column of several runs is laid over each other, each in its own look', () => {
  const runOf = (values: Record<number, number>, column = 'kd') => {
    const history = new RunRecord('run', { ...defaultRecipe(), hints: [defaultHint('kd')] });
    for (const [step, value] of Object.entries(values))
      history.steps.student.push(Number(step), { [column]: value });
    return history;
  };
  const others = [runOf({ 0: 4, 20: 2 }), runOf({ 0: 1 }, 'ce'), runOf({ 0: 6, 40: 3 })];
  const compared = others.map((history, place) => ({
    number: place + 2,
    place,
    ...comparedStyle(place, false),
    history,
  }));
  const options = { phase: 'student', weighted: false, smoothing: 0, logarithmic: false } as const;
  const own = runOf({ 0: 3, 10: 1 });
  const view = comparedView(own, compared, 'kd', options);
  expect(view.lines.map(({ label }) => label)).toEqual(['This run', 'Run 2', 'Run 4']);
  expect(view.steps).toEqual([0, 40]);
  expect(view.scale.domain).toEqual([0, 6]);
  expect(view.readAt(25)).toEqual({ kd: 1, 'run 2': 2, 'run 4': 6 });
  // A run without the part in view still shows those of others.
  expect(comparedView(own, compared, 'ce', options).lines.map(({ label }) => label)).toEqual(['Run 3']);
  const parts = lossParts([own, ...others], options).map(({ value }) => value);
  expect(parts).toEqual(['kd', 'ce']);
  const looks = Array.from({ length: mostCompared }, (_, place) => comparedStyle(place, false));
  expect(new Set(looks.map(({ dash }) => dash)).size).toBe(mostCompared);
});

test('a hint that taught in the prelude only is not what is looked at first', () => {
  const history = new RunRecord('run', {
    ...defaultRecipe(),
    hints: [defaultHint('ab'), defaultHint('kd')],
  });
  history.facts = { ...factsWithPrelude };
  history.hintKeys = ['ab', 'kd'];
  history.take([{ type: 'step', phase: 'student', step: 1, learningRate: 0.1, values: { ab: 0, kd: 0.5 } }]);
  expect(silentHints(history)).toEqual(['ab']);
  expect(defaultQuantity(history)).toBe('loss:kd');
  history.facts = { ...factsWithPrelude, preludeSteps: 0 };
  expect(silentHints(history)).toEqual([]);
});

const factsWithPrelude: RunFacts = {
  dataset: { id: 'digits-8x8', title: 'Digits', classes: ['0', '1'], shape: [8, 8, 1] },
  labelled: 20,
  unlabelled: 0,
  meta: 0,
  validation: 0,
  test: 10,
  wrongLabels: 0,
  networks: [],
  extraParameters: 0,
  teacherSteps: 0,
  preludeSteps: 30,
  studentSteps: 60,
  notes: [],
};
