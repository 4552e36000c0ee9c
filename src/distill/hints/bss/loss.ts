import { softmaxCrossEntropy } from '../../../engine/loss-ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';

/**
 * Cross-entropy of softened predictions, without a factor T^2, [B].
 * @param student logits [B,C], differentiable @param teacher logits [B,C], constant
 */
export function softened(student: Tensor, teacher: Tensor, temperature: number): Tensor1D {
  return tf.tidy(() =>
    softmaxCrossEntropy(tf.div(student, temperature), tf.softmax(tf.div(teacher, temperature) as Tensor2D)),
  );
}

export interface Ratios {
  /** Of the images as they are, at the start and the end of the run. */
  r1Start: number;
  r1End: number;
  /** Of the moved images, at the start. */
  r2Start: number;
  /** % of the run from which the moved images count for nothing. */
  offAt: number;
}

/** Both weights at this progress (0..1) of the run: straight lines, the second one down to 0. */
export function ratiosAt(
  progress: tf.Scalar,
  { r1Start, r1End, r2Start, offAt }: Ratios,
): { r1: tf.Scalar; r2: tf.Scalar } {
  return {
    r1: tf.add(tf.mul<tf.Scalar>(progress, r1End - r1Start), r1Start),
    r2: tf.maximum(tf.sub(r2Start, tf.mul(progress, (100 * r2Start) / offAt)), 0),
  };
}

export interface BssTerms {
  /** [B] of the images as they are, differentiable */
  plain: Tensor1D;
  /** [n] of the moved images, differentiable */
  moved: Tensor1D;
  /** [n] int32, rows of the batch that were moved */
  index: Tensor1D;
  /** [n] 0 for rows that only fill up */
  valid: Tensor1D;
}

/**
 * r1 H + r2 * mean over the moved images of H', reported on the images that they were moved from, [B]; the mean over the
 * batch is the published loss.
 */
export function bssLosses(
  { plain, moved, index, valid }: BssTerms,
  { r1, r2 }: { r1: tf.Scalar; r2: tf.Scalar },
): Tensor1D {
  return tf.tidy(() => {
    const images = plain.shape[0];
    const place = tf.cast(tf.oneHot(index, images), 'float32') as Tensor2D;
    const share = tf.div(tf.mul(valid, images), tf.maximum(tf.sum(valid), 1));
    const onBase = tf.matMul(tf.expandDims(tf.mul(moved, share), 0) as Tensor2D, place);
    return tf.add(tf.mul(plain, r1), tf.mul(tf.reshape(onBase, [images]), r2));
  });
}
