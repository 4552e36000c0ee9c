import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { perLabelLosses } from '../../../src/distill/hints/mld/loss';
import { divergenceTerms, seriesBound } from '../../../src/engine/divergence';
import { gradientsOf } from '../../../src/engine/gradients';
import { tf } from '../../../src/engine/tf';

beforeAll(() => tf.setBackend('cpu'));

const shares = (logits: readonly number[]) => {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
};
const teacher = [0.3, -1.2, 0.8, 0, 2.1];

/** Logits that differ from the teacher's by about so much. */
const student = (by: number) => teacher.map((logit, c) => logit + by * Math.sin(3 * c + 1));

it.each([1e-4, 0.01, 0.24, 0.26, 3, 60])('sums to the divergence of answers that differ by %f', (by) => {
  const [p, q] = [shares(teacher), shares(student(by))];
  // In double precision the usual sum is good enough to compare with.
  const exact = p.reduce((sum, share, c) => sum + share * Math.log(share / q[c]!), 0);
  const logits = [teacher, student(by)].map((row) => tf.tensor2d([row]));
  const [logP, logQ] = logits.map((row) => tf.logSoftmax(row)) as [tf.Tensor2D, tf.Tensor2D];
  const found = tf.tidy(() => tf.sum(divergenceTerms(logP, logQ)).dataSync()[0]!);
  // Sixty apart, the usual sum has as many digits.
  expect(Math.abs(found / exact - 1)).toBeLessThan(by < 1e-3 ? 2e-3 : 2e-5);
  const { gradients } = gradientsOf(
    () =>
      tf.sum(
        divergenceTerms(tf.logSoftmax(logits[0] as tf.Tensor2D), tf.logSoftmax(logits[1] as tf.Tensor2D)),
      ),
    [logits[0]!, logits[1]!],
  );
  const [byTeacher, byStudent] = gradients.map((gradient) => Array.from(gradient!.dataSync()));
  p.forEach((share, c) => {
    expect(byStudent![c]).toBeCloseTo(q[c]! - share, 6);
    expect(byTeacher![c]).toBeCloseTo(share * (Math.log(share / q[c]!) - exact), 5);
  });
  tf.dispose([...logits, logP, logQ, ...gradients.map((gradient) => gradient!)]);
});

it('keeps the digits of a loss per label whose answers are nearly equal', () => {
  const [own, other] = [student(0.01), teacher];
  const share = (logit: number) => 1 / (1 + Math.exp(-logit / 20));
  const exact = other.map((logit, c) => {
    const [p, q] = [share(logit), share(own[c]!)];
    return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
  });
  const found = tf.tidy(
    () => perLabelLosses(tf.tensor2d([own]), tf.tensor2d([other]), 20).dataSync()[0]! / 20 ** 2,
  );
  const mean = exact.reduce((sum, each) => sum + each, 0) / exact.length;
  expect(Math.abs(found / mean - 1)).toBeLessThan(1e-3);
});

it('goes from the series to the closed form without a step', () => {
  const logP = tf.tensor1d([-1, -1]);
  const logQ = tf.tensor1d([-1 - seriesBound * 0.99999, -1 - seriesBound * 1.00001]);
  const [below, above] = divergenceTerms(logP, logQ).dataSync();
  expect(Math.abs(below! / above! - 1)).toBeLessThan(1e-4);
});
