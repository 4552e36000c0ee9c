import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import { softenedLook } from '../looks';
import { targetsOf } from '../targets';

/** Large enough to take the target class out of a softmax. */
const masked = 1000;

export interface DkdParts {
  /** [B] with T^2 */
  targetPart: Tensor1D;
  /** [B] with T^2 */
  nonTargetPart: Tensor1D;
}

/**
 * The two parts of DKD per instance: KL of (target, rest) and KL among the non-target classes, both times T^2.
 * @param target [B,C] one-hot, constant
 * Source: Zhao et al. 2022, mdistiller. 1 - p comes from the other classes, so that it does not cancel.
 */
export function dkdParts(student: Tensor, teacher: Tensor, target: Tensor2D, temperature: number): DkdParts {
  return tf.tidy(() => {
    const hide = (logs: Tensor) => tf.sub(logs, tf.mul(target, masked)) as Tensor2D;
    /** Logarithms of the shares of the target class and of all others, so that no share can underflow. */
    const binary = (logits: Tensor) => {
      const logShares = tf.logSoftmax(tf.div(logits, temperature) as Tensor2D);
      return { target: tf.sum(tf.mul(logShares, target), -1), rest: tf.logSumExp(hide(logShares), -1) };
    };
    const [s, t] = [binary(student), binary(teacher)];
    const divergence = (p: Tensor, q: Tensor) => tf.mul(tf.exp(p), tf.sub(p, q));
    const targetPart = tf.add(divergence(t.target, s.target), divergence(t.rest, s.rest));

    const without = (logits: Tensor) => tf.logSoftmax(hide(tf.div(logits, temperature)));
    const [logStudent, logTeacher] = [without(student), without(teacher)];
    const nonTargetPart = tf.sum(tf.mul(tf.exp(logTeacher), tf.sub(logTeacher, logStudent)), -1);
    const square = temperature * temperature;
    return {
      targetPart: tf.mul(targetPart, square),
      nonTargetPart: tf.mul(nonTargetPart, square),
    } as DkdParts & Record<string, Tensor1D>;
  });
}

/** alpha * TCKD + beta * NCKD, [B]. */
export function dkdLosses(
  student: Tensor,
  teacher: Tensor,
  target: Tensor2D,
  { alpha, beta, temperature }: { alpha: number; beta: number; temperature: number },
): Tensor1D {
  return tf.tidy(() => {
    const { targetPart, nonTargetPart } = dkdParts(student, teacher, target, temperature);
    return tf.add(tf.mul(targetPart, alpha), tf.mul(nonTargetPart, beta));
  });
}

export const createDkd: HintFactory = () => ({
  module: null,
  looksAt: 'logits',
  losses: (student, teacher, { knobs, oneHot }) =>
    dkdLosses(student.logits, teacher.logits, targetsOf(oneHot, teacher.logits), {
      alpha: Number(knobs['alpha']),
      beta: Number(knobs['beta']),
      temperature: Number(knobs['temperature']),
    }),
  look: (student, teacher, { knobs }) =>
    softenedLook(
      student.logits,
      teacher.logits,
      Number(knobs['temperature']),
      'The loss takes the bar of the right class and the pattern of the others apart. Look at the others: their order is what the teacher adds to the label.',
    ),
  dispose: () => undefined,
});
