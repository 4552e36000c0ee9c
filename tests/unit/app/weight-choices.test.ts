import { expect, test } from 'vitest';
import { weightChoices } from '../../../src/app/export/weight-choices';
import { SeriesTable } from '../../../src/record/series';
import type { RunEntry } from '../../../src/app/store/library/library-store';

function history() {
  const table = () => ({
    teacher: new SeriesTable(),
    prelude: new SeriesTable(),
    student: new SeriesTable(),
    generator: new SeriesTable(),
  });
  const [evaluations, steps] = [table(), table()];
  for (let step = 1; step <= 100; step++) steps.student.push(step, { total: 1 });
  evaluations.student.push(0, { student: 0.1, control: 0.1 });
  evaluations.student.push(50, { student: 0.9, control: 0.8 });
  evaluations.student.push(100, { student: 0.85, control: 0.82 });
  return { facts: null, evaluations, steps };
}

const run = (changes: Partial<RunEntry> = {}): Pick<RunEntry, 'final' | 'kept' | 'weights'> => ({
  final: null,
  kept: [],
  weights: { ends: [], best: null, last: null },
  ...changes,
});
const labels = (...given: Parameters<typeof weightChoices>) =>
  weightChoices(...given).map(({ label }) => label.replaceAll(/\s/g, ' '));

test('the end, the best and what was kept, each with step and accuracy', () => {
  const kept = [
    { path: 'runs/a/1', phase: 'student' as const, step: 60 },
    { path: 'runs/a/2', phase: 'teacher' as const, step: 9 },
  ];
  const weights = { ends: ['student' as const], best: { step: 50, accuracy: 0.9 }, last: null };
  const all = weightChoices(run({ final: { student: 0.86 }, kept, weights }), history(), 'student', false);
  expect(all.map(({ label }) => label.replaceAll(/\s/g, ' '))).toEqual([
    'End: step 100, 86.0 %',
    'Best measured: step 50, 90.0 %',
    'Kept: step 60, 90.0 % at step 50',
  ]);
  expect(all.map(({ from }) => from)).toEqual(['end', 'best', { state: 'runs/a/1' }]);
  expect(all.map(({ ending }) => ending)).toEqual(['', '-best', '-step-60']);
});

test('the best is the student’s; the control has its end only while that is there', () => {
  const weights = { ends: [], best: { step: 50, accuracy: 0.9 }, last: null };
  expect(labels(run({ weights }), history(), 'control', true)).toEqual(['Now: step 100, 82.0 %']);
  expect(labels(run({ weights }), history(), 'control', false)).toEqual([]);
});

test('a run that broke off gives its last saved state', () => {
  const weights = {
    ends: [],
    best: null,
    last: { path: 'runs/a/3', phase: 'student' as const, step: 98 },
  };
  expect(labels(run({ weights }), history(), 'student', false)).toEqual([
    'Last saved: step 98, 90.0 % at step 50',
  ]);
});
