import { expect, test } from 'vitest';
import { calibrationError, reliabilityOf } from '../../../src/nn/calibration';
import { agreements, confidences, divergences, groupMeans } from '../../../src/nn/classification-metrics';

test('a confidence on the edge of two bins falls into the lower one, and 0 into the first', () => {
  expect(reliabilityOf([0, 0.25, 0.5, 0.50001, 1], [0, 0, 1, 1, 0], 4).counts).toEqual([2, 1, 1, 1]);
});

test('the calibration error is the mean over predictions of what their bins are off', () => {
  // Bins of 0.5: two predictions at 0.3 on average of which one is right, three at 0.8 of which one is right.
  const bins = reliabilityOf([0.2, 0.4, 0.7, 0.8, 0.9], [1, 0, 1, 0, 0], 2);
  expect(bins.counts).toEqual([2, 3]);
  expect(bins.confidence[0]).toBeCloseTo(0.3, 12);
  expect(bins.confidence[1]).toBeCloseTo(0.8, 12);
  expect(bins.accuracy).toEqual([0.5, 1 / 3]);
  expect(calibrationError(bins)).toBeCloseTo((2 / 5) * 0.2 + (3 / 5) * (0.8 - 1 / 3), 12);
});

test('empty bins count nothing, and nothing has no error', () => {
  const bins = reliabilityOf([0.99], [1], 15);
  expect(bins.counts).toEqual([...Array<number>(14).fill(0), 1]);
  expect(bins.confidence.slice(0, 14)).toEqual(Array(14).fill(0));
  expect(calibrationError(bins)).toBeCloseTo(0.01, 12);
  expect(calibrationError(reliabilityOf([], []))).toBe(0);
});

test('confidence, agreement and divergence of two networks by hand', () => {
  // Logits are logarithms of the probabilities.
  const student = Float32Array.from([0.5, 0.5, 0.9, 0.1].map(Math.log));
  const teacher = Float32Array.from([0.75, 0.25, 0.2, 0.8].map(Math.log));
  expect(confidences(student, 2)[1]).toBeCloseTo(0.9, 6);
  expect([...agreements(student, teacher, 2)]).toEqual([1, 0]);
  const [first, second] = divergences(teacher, student, 2);
  expect(first).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 6);
  expect(second).toBeCloseTo(0.2 * Math.log(0.2 / 0.9) + 0.8 * Math.log(8), 6);
  expect(divergences(Float32Array.of(1000, 0), Float32Array.of(0, 1000), 2)[0]).toBe(1000);
});

test('means by group leave out rows without one, and have none for an empty group', () => {
  expect(groupMeans([1, 0, 1, 5], [0, 0, 1, -1], 3)).toEqual([0.5, 1, NaN]);
});
