import { expect, it } from 'vitest';
import { defaultHint } from '../../../src/distill/recipe';
import { IdleLosses } from '../../../src/training/idle-losses';

const step = (number: number, moved: number) => ({
  ...({ type: 'step', phase: 'student', step: number, learningRate: 0.01 } as const),
  values: { total: 1, 'moved images/in the batch/bss': moved },
});
const losses = (steps: number) =>
  new IdleLosses([defaultHint('kd'), defaultHint('bss')], ['kd', 'bss'], steps);
const steps = (moved: readonly number[]) => moved.map((count, place) => step(place + 1, count));

it('says once that BSS moved nothing in its first 20 steps, or in a whole run that is shorter', () => {
  const long = losses(200);
  expect(long.warnings(steps(new Array<number>(19).fill(0)))).toEqual([]);
  expect(long.warnings([step(20, 0), step(21, 0)])).toEqual([
    { type: 'warning', step: 20, text: expect.stringMatching(/BSS has nothing to move/) as string },
  ]);
  expect(long.warnings([step(22, 0)])).toEqual([]);
  expect(losses(5).warnings(steps([0, 0, 0, 0, 0]))).toHaveLength(1);
});

it('says nothing once something was moved, nor of losses that are never idle', () => {
  const moving = losses(200);
  expect(moving.warnings(steps([0, 0, 3, ...new Array<number>(40).fill(0)]))).toEqual([]);
  expect(new IdleLosses([defaultHint('kd')], ['kd'], 1).warnings([step(1, 0)])).toEqual([]);
});
