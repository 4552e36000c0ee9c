import { expect, test } from 'vitest';
import {
  accuracy,
  confusion,
  meanCrossEntropy,
  perClassAccuracy,
  predictions,
  softmax,
} from '../../../src/nn/classification-metrics';

const logits = Float32Array.of(1, 3, 2, 0, 0, 0, -1, -2, 5, 4, 1, 1);
const labels = [1, 2, 2, 0];

test('the largest logit wins, the first of equals', () => {
  expect([...predictions(logits, 3)]).toEqual([1, 0, 2, 0]);
});

test('accuracy and confusion count the same answers', () => {
  expect(accuracy(logits, labels, 3)).toBe(0.75);
  const counts = confusion(logits, labels, 3);
  expect(counts).toEqual([1, 0, 0, 0, 1, 0, 1, 0, 1]);
  expect(perClassAccuracy(counts, 3)).toEqual([1, 1, 0.5]);
});

test('no images give zero, not NaN', () => {
  expect(accuracy(new Float32Array(), [], 3)).toBe(0);
  expect(meanCrossEntropy(new Float32Array(), [], 3)).toBe(0);
  expect(perClassAccuracy([0, 0, 0, 0], 2)).toEqual([0, 0]);
});

test('softmax is safe for large logits and flattens with temperature', () => {
  const sharp = softmax(Float32Array.of(1000, 0, 1, 1), 2);
  expect([...sharp]).toEqual([1, 0, 0.5, 0.5]);
  const [high, low] = softmax(Float32Array.of(2, 0), 2, 2);
  expect(high! / low!).toBeCloseTo(Math.E, 5);
});

test('cross-entropy is the mean negative log probability of the labels', () => {
  const probabilities = softmax(logits, 3);
  const byHand = labels.reduce((sum, label, row) => sum - Math.log(probabilities[row * 3 + label]!), 0) / 4;
  expect(meanCrossEntropy(logits, labels, 3)).toBeCloseTo(byHand, 5);
  expect(meanCrossEntropy(Float32Array.of(1000, 0), [1], 2)).toBe(1000);
});
