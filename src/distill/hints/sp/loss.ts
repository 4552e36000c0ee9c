import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import { relationLook } from '../looks';

/** Row-normalised similarities of a batch: [B,...] -> [B,B]. */
export function similarities(features: Tensor): Tensor2D {
  return tf.tidy(() => {
    const flat = tf.reshape(features, [features.shape[0]!, -1]) as Tensor2D;
    const gram = tf.matMul(flat, flat, false, true);
    return tf.div(gram, tf.sqrt(tf.maximum(tf.sum(tf.square(gram), -1, true), 1e-24)));
  });
}

/**
 * Row sums of the squared difference of similarities, over B: the mean over rows is ||G_t - G_s||_F^2 / B^2.
 * @returns [B]. Source: Tung and Mori 2019; equals RepDistiller and mdistiller.
 */
export function spLosses(student: Tensor, teacher: Tensor): Tensor1D {
  return tf.mean(tf.squaredDifference(similarities(teacher), similarities(student)), -1);
}

export const createSp: HintFactory = ({ pair }) => ({
  module: null,
  looksAt: [`stages/${pair.teacher.stages.length - 1}`],
  losses: (student, teacher) => spLosses(student.stages.at(-1)!, teacher.stages.at(-1)!),
  look: (student, teacher) =>
    relationLook(student.stages.at(-1)!, teacher.stages.at(-1)!, 'Last stage', similarities),
  dispose: () => undefined,
});
