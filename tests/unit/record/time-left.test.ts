import { expect, test } from 'vitest';
import { defaultRecipe } from '../../../src/distill/recipe';
import { RunRecord } from '../../../src/record/run-record';
import { timeLeft } from '../../../src/record/time-left';
import type { Phase, RunEvent, RunFacts } from '../../../src/training/events';

const network = (role: 'teacher' | 'student', multiplyAdds: number): RunFacts['networks'][number] => ({
  role,
  name: role,
  parameters: 1,
  multiplyAdds,
  activationBytes: 1,
});

/** A teacher of 100 steps and a student of 200, batches of 32; a step of the teacher is 3 * 40, of the student 2 * 3 * 10 + 40. */
function recordOf(): RunRecord {
  const recipe = defaultRecipe();
  recipe.schedule.batch = 32;
  recipe.teacher = { kind: 'single', knobs: { ...recipe.teacher.knobs, batch: 32 } };
  const record = new RunRecord('run-1', recipe);
  record.facts = {
    networks: [network('teacher', 40), network('student', 10)],
    teacherSteps: 100,
    preludeSteps: 0,
    studentSteps: 200,
  } as unknown as RunFacts;
  return record;
}
const begin = (phase: Phase, steps: number): RunEvent => ({ type: 'phase', phase, steps, text: '' });
const step = (phase: Phase, number: number): RunEvent => ({
  type: 'step',
  phase,
  step: number,
  learningRate: 0.1,
  values: {},
});
const speed = (stepsPerSecond: number): RunEvent => ({ type: 'speed', stepsPerSecond, tensors: 0, bytes: 0 });

test('phases to come count, by the work of their steps', () => {
  const record = recordOf();
  record.take([begin('teacher', 100), step('teacher', 50), speed(10)]);
  const studentStep = (2 * 3 * 10 + 40) / (3 * 40) / 10;
  const left = timeLeft(record)!;
  expect(left.seconds).toBeCloseTo(5 + 200 * studentStep, 6);
  expect(left.rough).toBe(true);
});

test('a phase that has told no speed yet is estimated from the one before, and then measured', () => {
  const record = recordOf();
  record.take([begin('teacher', 100), step('teacher', 100), speed(10), begin('student', 200)]);
  const left = timeLeft(record)!;
  expect(left.seconds).toBeCloseTo((200 * 100) / 120 / 10, 6);
  expect(left.rough).toBe(true);
  record.take([step('student', 100), speed(50)]);
  expect(timeLeft(record)).toEqual({ seconds: 2, rough: false });
});

test('before anything was measured nothing is said', () => {
  const record = recordOf();
  record.take([begin('teacher', 100)]);
  expect(timeLeft(record)).toBeNull();
});
