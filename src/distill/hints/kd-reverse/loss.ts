import { temperatureKl } from '../../../engine/loss-ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { kdReverseKnobs } from './about';
import { softenedView } from '../method-views';

/**
 * T^2 * KL(softmax(student / T) || softmax(teacher / T)) per instance: the reverse direction of soft targets.
 * Logits [B,C], both differentiable; gives [B].
 * Source: MT-MTDA, hinton_distillation_sw_wo_ce.
 */
export function reverseKdLosses(student: Tensor, teacher: Tensor, temperature: number): Tensor1D {
  return temperatureKl(teacher, student, temperature);
}

/**
 * Losses [B] scaled so that their mean over the batch is alpha times their mean over the instances with a label plus
 * their mean over those without one.
 * @param oneHot [B,C]; zeros without a label
 */
export function overBothHalves(losses: Tensor1D, oneHot: Tensor2D, alpha: number): Tensor1D {
  return tf.tidy(() => {
    const [batch] = oneHot.shape;
    const labelled = tf.sum(oneHot, -1);
    const count = tf.sum(labelled);
    const ofLabelled = tf.div(alpha * batch, tf.maximum(count, 1));
    const ofOthers = tf.div(batch, tf.maximum(tf.sub(batch, count), 1));
    const factors = tf.add(tf.mul(labelled, ofLabelled), tf.mul(tf.sub(1, labelled), ofOthers));
    return tf.mul(losses, factors);
  });
}

export const createKdReverse: HintFactory<typeof kdReverseKnobs> = () => ({
  module: null,
  losses: (student, teacher, { knobs, targets }) =>
    overBothHalves(reverseKdLosses(student.logits, teacher.logits, knobs.temperature), targets, knobs.alpha),
  view: (student, teacher, { knobs }) => softenedView(student.logits, teacher.logits, knobs.temperature),
  dispose: () => undefined,
});
