import { divergenceTerms } from '../../../engine/divergence';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { dkdKnobs } from './about';
import { softenedView } from '../method-views';
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
    /** Logarithms [B,C+2]: each class's share of those that are not the target, then the target's share and the others'. */
    const logShares = (logits: Tensor) => {
      const scaled = tf.div(logits, temperature) as Tensor2D;
      const all = tf.logSoftmax(scaled);
      const ofTarget = tf.sum(tf.mul(all, target), -1, true);
      // Not 1 - the target's share, which would cancel.
      const ofRest = tf.logSumExp(hide(all), -1, true);
      return tf.concat([tf.logSoftmax(hide(scaled)), ofTarget, ofRest], -1);
    };
    const terms = divergenceTerms(logShares(teacher), logShares(student));
    const classes = student.shape[1]!;
    const nonTargetPart = tf.sum(tf.slice(terms, [0, 0], [-1, classes]), -1);
    const targetPart = tf.sum(tf.slice(terms, [0, classes], [-1, 2]), -1);
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

export const createDkd: HintFactory<typeof dkdKnobs> = () => ({
  module: null,
  losses: (student, teacher, { knobs, targets: oneHot }) =>
    dkdLosses(student.logits, teacher.logits, targetsOf(oneHot, teacher.logits), {
      alpha: knobs.alpha,
      beta: knobs.beta,
      temperature: knobs.temperature,
    }),
  view: (student, teacher, { knobs }) =>
    softenedView(
      student.logits,
      teacher.logits,
      knobs.temperature,
      'The loss takes the bar of the right class and the pattern of the others apart. Look at the others: their order is what the teacher adds to the label.',
    ),
  dispose: () => undefined,
});
