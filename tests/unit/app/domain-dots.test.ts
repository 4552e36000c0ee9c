import { expect, test } from 'vitest';
import { nearestDot, neighbourDot, placeDots } from '../../../src/app/method-views/domain-dots';

const dots = placeDots(
  {
    view: 'domains',
    title: 'Domains',
    points: Float32Array.of(-1, -1, 0, 3, 1, 1),
    target: Uint8Array.of(0, 1, 1),
    labels: Int16Array.of(4, -1, 2),
  },
  100,
);

test('dots lie within the margins, the greatest number on the right and at the top', () => {
  expect(dots.map(({ x, y }) => [x, y])).toEqual([
    [12, 88],
    [50, 12],
    [88, 50],
  ]);
  expect(dots.map(({ isTarget, label }) => [isTarget, label])).toEqual([
    [false, 4],
    [true, -1],
    [true, 2],
  ]);
});

test('a touch chooses the nearest dot, unless it is far from all', () => {
  expect(nearestDot(dots, 60, 20, 24)?.row).toBe(1);
  expect(nearestDot(dots, 50, 60, 24)).toBeNull();
});

test('arrow keys reach every dot and stop at the edge', () => {
  expect(neighbourDot(dots, null, 'ArrowRight')?.row).toBe(0);
  expect(neighbourDot(dots, 0, 'ArrowRight')?.row).toBe(1);
  expect(neighbourDot(dots, 1, 'ArrowRight')?.row).toBe(2);
  expect(neighbourDot(dots, 2, 'ArrowRight')).toBeNull();
  expect(neighbourDot(dots, 0, 'ArrowUp')?.row).toBe(2);
  expect(neighbourDot(dots, 2, 'ArrowUp')?.row).toBe(1);
  expect(neighbourDot(dots, 0, 'Enter')).toBeNull();
});
