import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { nkdKnobs } from './about';
import { softenedView } from '../method-views';
import { targetsOf } from '../targets';

/** Large enough to take the target class out of a softmax. */
const masked = 1000;

export interface NkdParts {
  /** [B] -p_t(target) ln p_s(target) at temperature 1 */
  targetPart: Tensor1D;
  /** [B] gamma T^2 times the cross-entropy among the other classes */
  nonTargetPart: Tensor1D;
}

/**
 * The two parts of NKD per instance. Cross-entropies, not divergences: the least value is not 0.
 * @param target [B,C] one-hot, constant
 * Source: Yang et al. 2023, cls_KD.
 */
export function nkdParts(
  student: Tensor,
  teacher: Tensor,
  target: Tensor2D,
  { temperature, gamma }: { temperature: number; gamma: number },
): NkdParts {
  return tf.tidy(() => {
    const logStudent = tf.logSoftmax(student as Tensor2D);
    const ofTarget = (values: Tensor) => tf.sum(tf.mul(values, target), -1);
    const targetPart = tf.neg(tf.mul(ofTarget(tf.softmax(teacher as Tensor2D)), ofTarget(logStudent)));
    const without = (logits: Tensor) =>
      tf.logSoftmax(tf.sub(tf.div(logits, temperature), tf.mul(target, masked)));
    const others = tf.sub(1, target);
    // The masked entry of the student is about -1000: it must not meet a probability that is only nearly 0.
    const cross = tf.mul(tf.mul(tf.exp(without(teacher)), without(student)), others);
    const nonTargetPart = tf.mul(tf.neg(tf.sum(cross, -1)), gamma * temperature * temperature);
    return { targetPart, nonTargetPart } as NkdParts & Record<string, Tensor1D>;
  });
}

export const createNkd: HintFactory<typeof nkdKnobs> = () => ({
  module: null,
  losses: (student, teacher, { knobs, targets: oneHot }) => {
    const options = { temperature: knobs.temperature, gamma: knobs.gamma };
    const { targetPart, nonTargetPart } = nkdParts(
      student.logits,
      teacher.logits,
      targetsOf(oneHot, teacher.logits),
      options,
    );
    return tf.add(targetPart, nonTargetPart);
  },
  view: (student, teacher, { knobs }) =>
    softenedView(
      student.logits,
      teacher.logits,
      knobs.temperature,
      'The loss lifts the right class as far as the teacher is sure of it, and brings the other bars into the teacher’s proportions.',
    ),
  dispose: () => undefined,
});
