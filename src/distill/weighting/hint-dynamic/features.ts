import { hasInstanceWeights, instanceFeatures } from '../../../engine/instance-weights';
import { tf, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { Instances } from '../weighting';

/** Numbers per image that the meta network sees. */
export function featureCount(hints: number): number {
  return 5 + 2 * hints;
}

/**
 * The state of each image: log(1+CE), student entropy / log C, student's and teacher's probability of the label,
 * progress of the run, log(1+l) per hint, and its change since the image was last seen (0 the first time).
 * An image without a label has zeros for the three numbers that need one.
 * @param lastSeen [B,H] log losses at the last visit
 * @param visits [B] how often it was seen
 * @returns features [B, 5+2H], and log(1+l) [B,H] by itself
 */
export function metaFeatures(
  instances: Instances,
  lastSeen: Tensor2D,
  visits: Tensor1D,
): { features: Tensor2D; logs: Tensor2D } {
  return tf.tidy(() => {
    const { oneHot, ce, hints, student, teacher, share } = instances;
    if (hasInstanceWeights()) return instanceFeatures({ ...instances, lastLosses: lastSeen, visits });
    const classes = oneHot.shape[1];
    const logStudent = tf.logSoftmax(student as Tensor2D);
    const probability = tf.exp(logStudent);
    const entropy = tf.div(tf.neg(tf.sum(tf.mul(probability, logStudent), -1)), Math.log(classes));
    const ofLabel = tf.sum(tf.mul(probability, oneHot), -1);
    const teacherOfLabel = tf.sum(tf.mul(tf.softmax(teacher as Tensor2D), oneHot), -1);
    const logs = tf.log1p(tf.relu(hints));
    const change = tf.mul(tf.sub(logs, lastSeen), tf.expandDims(tf.minimum(visits, 1), 1));
    const columns = [tf.log1p(ce), entropy, ofLabel, teacherOfLabel, tf.add(tf.zerosLike(ce), share)];
    const features = tf.concat([tf.stack(columns, 1), logs, change], 1) as Tensor2D;
    return { features, logs };
  });
}
