import { expect, test } from 'vitest';
import { learningRateAt, oneCycleRateAt, type RateSchedule } from '../../../src/nn/schedules';

const curve = (schedule: RateSchedule) =>
  Array.from({ length: schedule.steps }, (_, step) => learningRateAt(step, schedule));

test('cosine falls from the highest rate towards zero', () => {
  const rates = curve({ steps: 100, learningRate: 0.4, curve: 'cosine', warmupShare: 0 });
  expect(rates[0]).toBe(0.4);
  expect(rates[50]).toBeCloseTo(0.2, 10);
  expect(rates[99]).toBeGreaterThan(0);
  expect(rates[99]).toBeLessThan(0.001);
  rates.slice(1).forEach((rate, i) => expect(rate).toBeLessThan(rates[i]!));
});

test('steps fall by a tenth at 62.5, 75 and 87.5 %', () => {
  const rates = curve({ steps: 240, learningRate: 1, curve: 'steps', warmupShare: 0 });
  const drops = rates.flatMap((rate, i) => (i > 0 && rate < rates[i - 1]! ? [i] : []));
  expect(drops).toEqual([150, 180, 210]);
  expect(rates[239]).toBeCloseTo(0.001, 12);
});

test('the warm-up rises in equal steps to the highest rate, which comes next', () => {
  const rates = curve({ steps: 20, learningRate: 0.5, curve: 'constant', warmupShare: 0.2 });
  expect(rates.slice(0, 6).map((rate) => Number(rate.toFixed(6)))).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.5]);
});

test('one step is a run, and a step beyond the end keeps the last rate', () => {
  for (const shape of ['cosine', 'steps', 'constant'] as const)
    expect(learningRateAt(0, { steps: 1, learningRate: 0.1, curve: shape, warmupShare: 0.05 })).toBe(0.1);
  const schedule = { steps: 10, learningRate: 0.1, curve: 'cosine', warmupShare: 0 } as const;
  expect(learningRateAt(50, schedule)).toBe(learningRateAt(9, schedule));
});

test('one cycle starts at a 25th, peaks at 30 % and ends at almost nothing', () => {
  const rates = Array.from({ length: 100 }, (_, step) => oneCycleRateAt(step, 100, 0.003));
  expect(rates[0]).toBeCloseTo(0.003 / 25, 12);
  expect(rates[29]).toBeCloseTo(0.003, 12);
  expect(rates[99]).toBeCloseTo(0.003 / 25 / 1e4, 12);
  expect(Math.max(...rates)).toBe(rates[29]);
  for (const steps of [1, 2, 3]) expect(oneCycleRateAt(0, steps, 1)).toBeGreaterThan(0);
});
