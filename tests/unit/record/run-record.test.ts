import { describe, expect, test } from 'vitest';
import { RunRecord } from '../../../src/record/run-record';
import { SeriesTable } from '../../../src/record/series';
import { summaryOf } from '../../../src/record/summary';
import { SnapshotStore } from '../../../src/record/snapshots';
import { defaultRecipe } from '../../../src/distill/recipe';
import type { InstanceSnapshot, RunEvent } from '../../../src/training/events';

describe('a table of steps', () => {
  test('keeps gaps as gaps and grows', () => {
    const table = new SeriesTable();
    for (let step = 1; step <= 1000; step += 1) table.push(step, step % 2 ? { a: step } : { b: step });
    expect(table.length).toBe(1000);
    expect(table.column('a')[998]).toBe(999);
    expect(table.column('a')[999]).toBeNaN();
    expect(table.column('never')[0]).toBeNaN();
    expect(table.keys).toEqual(['a', 'b']);
  });

  test('drops the steps that are done again', () => {
    const table = new SeriesTable();
    [5, 4, 3].forEach((loss, index) => table.push(index + 1, { loss }));
    table.push(2, { loss: 9 });
    expect([...table.steps]).toEqual([1, 2]);
    expect([...table.column('loss')]).toEqual([5, 9]);
  });

  test('finds the row of a step', () => {
    const table = new SeriesTable();
    for (const step of [10, 20, 30]) table.push(step, {});
    expect([5, 10, 25, 99].map((step) => table.rowAt(step))).toEqual([-1, 0, 1, 2]);
  });
});

describe('the watched images over time', () => {
  const at = (step: number): InstanceSnapshot => ({
    step,
    losses: { ce: [step] },
    weights: {},
    spreads: {},
    probabilities: {},
  });

  test('stay within their limit, hold the newest moment and stay in order', () => {
    const store = new SnapshotStore(16);
    for (let step = 0; step <= 1000; step += 1) {
      store.push(at(step));
      expect(store.steps.at(-1)).toBe(step);
      expect(store.newest('loss:ce')?.[0]).toBe(step);
    }
    expect(store.length).toBeLessThanOrEqual(16);
    expect(store.length).toBeGreaterThan(6);
    expect([...store.steps].sort((a, b) => a - b)).toEqual(store.steps);
    const gaps = store.steps.slice(1, -1).map((step, place) => step - store.steps[place]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.min(...gaps));
  });

  test('replace a moment that is measured again', () => {
    const store = new SnapshotStore();
    for (const step of [0, 10, 20, 10]) store.push(at(step));
    expect(store.steps).toEqual([0, 10]);
    expect([store.momentAt(-1), store.momentAt(5), store.momentAt(99)]).toEqual([-1, 0, 1]);
  });
});

test('a record follows its phases', () => {
  const record = new RunRecord('run-1', defaultRecipe());
  const step = (phase: 'teacher' | 'student', number: number) =>
    ({
      type: 'step',
      phase,
      step: number,
      learningRate: 0.1,
      values: { total: 3, ce: 1, kd: 4, kd·w: 2 },
    }) as const;
  record.take([
    { type: 'phase', phase: 'teacher', steps: 2, text: 'first' },
    step('teacher', 1),
    step('teacher', 2),
    { type: 'phase', phase: 'student', steps: 4, text: 'second' },
    step('student', 1),
  ]);
  expect(record.steps.teacher.length).toBe(2);
  expect(record.step).toBe(1);
  expect(record.phases).toEqual(['teacher', 'student']);
  // What the labels contribute is what the hints leave.
  expect(record.steps.student.column('ce·w')[0]).toBe(1);
});

test('the speed of a run is the median of what its last phase told', () => {
  const record = new RunRecord('run-1', defaultRecipe());
  const speed = (stepsPerSecond: number): RunEvent => ({
    type: 'speed',
    stepsPerSecond,
    tensors: 0,
    bytes: 0,
  });
  expect(record.stepsPerSecond).toBeNull();
  record.take([{ type: 'phase', phase: 'teacher', steps: 2, text: 'first' }, speed(1000)]);
  record.take([{ type: 'phase', phase: 'student', steps: 2, text: 'second' }]);
  expect(record.stepsPerSecond).toBeNull();
  record.take([speed(7), speed(90), speed(5)]);
  expect(record.stepsPerSecond).toBe(7);
});

describe('the thumbnail', () => {
  const evaluationAt = (step: number, phase: 'teacher' | 'student' = 'student'): RunEvent => ({
    type: 'evaluation',
    phase,
    step,
    split: 'test',
    images: 4,
    scores: { accuracy: phase === 'teacher' ? { teacher: 1 } : { student: step / 10_000 } },
    trainScores: {},
    confusion: {},
    loss: {},
  });
  const after = (steps: readonly number[]) => {
    const record = new RunRecord('run-1', defaultRecipe());
    for (const step of steps) record.take([evaluationAt(step)]);
    return summaryOf(record).curve;
  };
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => 10 * i);

  test('holds every measurement of the student while they are few', () => {
    const record = new RunRecord('run-1', defaultRecipe());
    record.take([evaluationAt(5, 'teacher'), evaluationAt(0), evaluationAt(10)]);
    const { steps, curve } = summaryOf(record);
    expect(steps).toBe(0);
    expect(curve).toEqual({ steps: [0, 10], student: [0, 0.001], control: [null, null] });
    expect(after(upTo(95)).steps).toEqual(upTo(95));
  });

  test.each([96, 97, 1000, 100_000])(
    'of %i measurements has less than 96 points and ends at the newest',
    (count) => {
      const { steps, student } = after(upTo(count));
      expect(steps.length).toBeLessThan(96);
      expect(steps.length).toBeGreaterThan(46);
      expect(steps.at(-1)).toBe(10 * (count - 1));
      expect(student.at(-1)).toBe((count - 1) / 1000);
      const gaps = new Set(steps.slice(1).map((step, i) => step - steps[i]!));
      expect(gaps.size).toBe(1);
    },
  );

  test('replaces what is measured again', () => {
    expect(after([0, 10, 20, 10]).steps).toEqual([0, 10]);
  });
});
