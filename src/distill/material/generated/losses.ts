/** Losses of the generator, its discriminator and the density ratio. Source: UBCDingXin/cGAN-KD. */
import { tf, type Tensor } from '../../../engine/tf';

/**
 * Hinge loss of the discriminator.
 * @param real [B] or [B,1] what it says of real pictures, differentiable
 * @param generated the same of generated ones, differentiable
 */
export function discriminatorLoss(real: Tensor, generated: Tensor): tf.Scalar {
  return tf.add<tf.Scalar>(tf.mean(tf.relu(tf.sub(1, real))), tf.mean(tf.relu(tf.add(1, generated))));
}

/** Hinge loss of the generator. @param generated [B] or [B,1] what the discriminator says of its pictures, differentiable */
export function generatorLoss(generated: Tensor): tf.Scalar {
  return tf.neg(tf.mean<tf.Scalar>(generated));
}

/**
 * Softplus loss of a density ratio, with a penalty that holds its mean over generated pictures near 1.
 * @param real [B,1] ratios of real pictures, not below 0, differentiable
 * @param generated [B,1] of generated ones under the same conditions, differentiable
 * @param lambda weight of the penalty
 */
export function ratioLoss(
  real: Tensor,
  generated: Tensor,
  lambda: number,
): { divergence: tf.Scalar; penalty: tf.Scalar } {
  // log(1 + exp(r)) for r >= 0, without exp of a large number.
  const softplus = tf.add(generated, tf.log(tf.add(1, tf.exp(tf.neg(generated)))));
  const divergence = tf.sub<tf.Scalar>(
    tf.sub(tf.mean(tf.mul(tf.sigmoid(generated), generated)), tf.mean(softplus)),
    tf.mean(tf.sigmoid(real)),
  );
  return { divergence, penalty: tf.mul(tf.square(tf.sub(tf.mean<tf.Scalar>(generated), 1)), lambda) };
}
