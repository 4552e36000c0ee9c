import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../engine/tf';

/**
 * One-hot targets for hints that treat the target class apart: the label where there is one, else the teacher's top
 * class (our choice: the papers know no images without labels).
 * @param oneHot [B,C]; zeros without a label
 * @param teacher logits [B,C]
 */
export function targetsOf(oneHot: Tensor2D, teacher: Tensor): Tensor2D {
  return tf.tidy(() => {
    const answers = tf.cast(tf.oneHot(tf.argMax(teacher, -1), oneHot.shape[1]), 'float32');
    const unlabelled = tf.sub(1, tf.sum(oneHot, -1, true));
    return tf.add(oneHot, tf.mul(answers, unlabelled));
  });
}

/**
 * Losses that only labelled images have, scaled so that their mean over the batch is their mean over those: as the
 * labels' own part of the objective counts.
 * @param losses [B], 0 without a label @param oneHot [B,C]; zeros without a label
 */
export function overLabelled(losses: Tensor1D, oneHot: Tensor2D): Tensor1D {
  return tf.tidy(() => tf.mul(losses, tf.div(oneHot.shape[0], tf.maximum(tf.sum(oneHot), 1))));
}
