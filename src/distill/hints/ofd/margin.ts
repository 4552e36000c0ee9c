/** The margin of OFD: what a channel of the teacher is like where it is silent. */
import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';

/** Coefficients of a polynomial for ln(erfc(z)) (Numerical Recipes, Chebyshev fit): relative error below 1.2e-7. */
const fit = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
];

/** P(X > x) of a standard normal variable. */
function normalTail(x: Tensor): Tensor {
  const z = tf.div(tf.abs(x), Math.SQRT2);
  const t = tf.div(1, tf.add(1, tf.div(z, 2)));
  const polynomial = fit.reduceRight<Tensor>((sum, c) => tf.add(tf.mul(sum, t), c), tf.zerosLike(t));
  const upper = tf.mul(tf.mul(t, 0.5), tf.exp(tf.sub(polynomial, tf.square(z))));
  const negative = tf.step(tf.neg(x));
  return tf.add(tf.mul(upper, tf.sub(1, negative)), tf.mul(tf.sub(1, upper), negative));
}

/**
 * Mean of the negative part of a Gaussian with mean `beta` and deviation |gamma|: the expected value before the ReLU of
 * a channel of the batch norm (gamma, beta) where it does not fire. Below one chance in a thousand of that, -3|gamma|.
 * @param gamma [C] @param beta [C]
 * @returns [C]. Source: Heo et al. 2019 (b), the authors' code.
 */
export function marginOfNorm(gamma: Tensor, beta: Tensor): Tensor1D {
  return tf.tidy(() => {
    const deviation = tf.maximum(tf.abs(gamma), 1e-12);
    // Beyond ten deviations both tails are 0 or 1 in float32; a larger ratio would only overflow.
    const ratio = tf.clipByValue(tf.div(beta, deviation), -10, 10);
    const silent = normalTail(ratio);
    const density = tf.div(tf.exp(tf.div(tf.square(ratio), -2)), Math.sqrt(2 * Math.PI));
    const expected = tf.sub(beta, tf.div(tf.mul(deviation, density), tf.maximum(silent, 1e-6)));
    const common = tf.step(tf.sub(silent, 0.001));
    return tf.add(tf.mul(expected, common), tf.mul(tf.mul(deviation, -3), tf.sub(1, common)));
  });
}

/**
 * The same estimated from a batch: the mean of the values below zero per channel, 0 where there are none.
 * @param maps [B,H,W,C] before the ReLU
 * @returns [C]. Source: Knowledge-Distillation-Zoo.
 */
export function marginOfBatch(maps: Tensor): Tensor1D {
  return tf.tidy(() => {
    const below = tf.neg(tf.relu(tf.neg(maps)));
    const flat = (x: Tensor) => tf.reshape(x, [-1, x.shape.at(-1)!]);
    const count = tf.sum(flat(tf.step(tf.neg(maps))), 0);
    return tf.div(tf.sum(flat(below), 0), tf.maximum(count, 1));
  });
}
