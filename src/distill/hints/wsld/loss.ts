import { constantOf } from '../../../engine/constant';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { crossEntropies } from '../../objective';
import type { HintFactory } from '../hint';
import type { wsldKnobs } from './about';
import { softenedView } from '../method-views';
import { targetsOf } from '../targets';

/**
 * w_b * T^2 * H(p_t, p_s) per instance with w_b = 1 - exp(-CE_s / (CE_t + 1e-7)), a constant for gradients.
 * @param target [B,C] one-hot, constant
 * Source: Zhou et al. 2021, cls_KD (there times alpha, which is the hint's weight here).
 */
export function wsldLosses(
  student: Tensor,
  teacher: Tensor,
  target: Tensor2D,
  temperature: number,
): Tensor1D {
  return tf.tidy(() => {
    const teacherCe = crossEntropies(teacher, target);
    const ratio = (ce: Tensor) => tf.sub(1, tf.exp(tf.neg(tf.div(ce, tf.add(teacherCe, 1e-7)))));
    const weights = constantOf(() => ratio(crossEntropies(student, target)));
    const soft = tf.softmax(tf.div(teacher, temperature) as Tensor2D);
    const cross = tf.neg(tf.sum(tf.mul(soft, tf.logSoftmax(tf.div(student, temperature))), -1));
    return tf.mul(tf.mul(weights, cross), temperature * temperature);
  });
}

export const createWsld: HintFactory<typeof wsldKnobs> = () => ({
  module: null,
  losses: (student, teacher, { knobs, targets: oneHot }) =>
    wsldLosses(student.logits, teacher.logits, targetsOf(oneHot, teacher.logits), knobs.temperature),
  view: (student, teacher, { knobs }) =>
    softenedView(
      student.logits,
      teacher.logits,
      knobs.temperature,
      'Look for instances on which the student is as sure as the teacher: the loss hardly counts them any more.',
    ),
  dispose: () => undefined,
});
