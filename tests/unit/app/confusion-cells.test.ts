import { expect, test } from 'vitest';
import { cellBeside, imageNumber, placesIn } from '../../../src/app/instruments/confusion-cells';

const samples = {
  split: 'test' as const,
  rows: Int32Array.from([4, 7, 9, 12]),
  labels: Uint16Array.from([0, 1, 1, 0]),
  predicted: { student: Uint16Array.from([0, 0, 1, 1]), teacher: Uint16Array.from([0, 1, 1, 0]) },
};

test('a cell has the images of its true and its predicted class, per learner', () => {
  const places = (learner: 'student' | 'teacher' | 'control', row: number, column: number) =>
    placesIn(samples, { learner, row, column });
  expect(places('student', 1, 0)).toEqual([1]);
  expect(places('student', 0, 1)).toEqual([3]);
  expect(places('teacher', 1, 0)).toEqual([]);
  expect(places('teacher', 1, 1)).toEqual([1, 2]);
  expect(places('control', 0, 0)).toEqual([]);
});

test('test images are counted after those for training, validation images among them', () => {
  const set = { train: { count: 100 } };
  expect(imageNumber(samples, 1, set)).toBe(107);
  expect(imageNumber({ ...samples, split: 'validation' }, 1, set)).toBe(7);
});

test('arrows lead from cell to cell past the empty ones, and stop at the edge', () => {
  const counts = [3, 0, 1, 0, 2, 0, 0, 0, 4];
  expect(cellBeside(counts, 3, { row: 0, column: 0 }, [0, 1])).toEqual({ row: 0, column: 2 });
  expect(cellBeside(counts, 3, { row: 0, column: 2 }, [1, 0])).toEqual({ row: 2, column: 2 });
  expect(cellBeside(counts, 3, { row: 1, column: 1 }, [1, 0])).toBeNull();
});
