import { tf, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { HintFactory } from '../hint';

/** Taylor series of the Gaussian kernel on unit vectors: [B,D] -> [B,B]. */
function kernel(features: Tensor2D, gamma: number, order: number): Tensor2D {
  const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(features), -1, true), 1e-24));
  const unit = tf.div(features, norm) as Tensor2D;
  const similarity = tf.matMul(unit, unit, false, true);
  let power = tf.onesLike(similarity);
  let factor = Math.exp(-2 * gamma);
  let sum = tf.mul(power, factor);
  for (let p = 1; p <= order; p++) {
    power = tf.mul(power, similarity);
    factor *= (2 * gamma) / p;
    sum = tf.add(sum, tf.mul(power, factor));
  }
  return sum as Tensor2D;
}

/** Row means of the squared difference of kernels, [B]. Source: Peng et al. 2019 (the form of the paper). */
export function ccLosses(student: Tensor2D, teacher: Tensor2D, gamma: number, order: number): Tensor1D {
  return tf.tidy(() =>
    tf.mean(tf.squaredDifference(kernel(student, gamma, order), kernel(teacher, gamma, order)), -1),
  );
}

export const createCc: HintFactory = () => ({
  module: null,
  looksAt: 'trace',
  losses: (student, teacher, { knobs }) =>
    ccLosses(
      student.embedding as Tensor2D,
      teacher.embedding as Tensor2D,
      Number(knobs['gamma']),
      Number(knobs['order']),
    ),
  dispose: () => undefined,
});
