import { tf } from './tf';

/** Added to the variance before the root, as in PyTorch. */
export const normalisationEpsilon = 1e-5;

/**
 * Batch normalisation with the statistics of the batch over all axes but the last.
 *
 * One custom op: differentiating the composed formula would record and keep about twenty tensors per layer, and the
 * gradient has a closed form. With xhat the normalised input and means over the batch,
 * dx = scale / deviation * (dy - mean(dy) - xhat * mean(dy * xhat)).
 *
 * @param x [B,...,C]
 * @param scale [C]
 * @param offset [C]
 * @param observe receives the batch mean and the unbiased variance, both [C], and owns them
 * @returns the normalised tensor in the shape of x
 */
export function batchNormTraining(
  x: tf.Tensor,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  observe?: (mean: tf.Tensor1D, variance: tf.Tensor1D) => void,
): tf.Tensor {
  const channels = x.shape.at(-1)!;
  const count = x.size / channels;
  const normalise = tf.customGrad((input, gamma, beta, save) => {
    const rows = tf.reshape(input as tf.Tensor, [count, channels]);
    const mean = tf.mean(rows, 0) as tf.Tensor1D;
    const centred = tf.sub(rows, mean);
    const variance = tf.mean(tf.square(centred), 0) as tf.Tensor1D;
    const inverseDeviation = tf.rsqrt(tf.add(variance, normalisationEpsilon)) as tf.Tensor1D;
    const normalised = tf.mul(centred, inverseDeviation);
    const value = tf.reshape(tf.add(tf.mul(normalised, gamma as tf.Tensor), beta as tf.Tensor), x.shape);
    if (observe) {
      // The variance of a single row has no unbiased form; the biased one (zero) stands in.
      const unbiased = tf.mul(variance, count / Math.max(count - 1, 1));
      observe(tf.keep(mean), tf.keep(unbiased) as tf.Tensor1D);
    }
    (save as (tensors: tf.Tensor[]) => void)([normalised, tf.mul(gamma as tf.Tensor, inverseDeviation)]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [xhat, slope] = saved as [tf.Tensor2D, tf.Tensor1D];
      const upstream = tf.reshape(dy, [count, channels]);
      const product = tf.mul(upstream, xhat);
      const offsetGradient = tf.sum(upstream, 0);
      const scaleGradient = tf.sum(product, 0);
      const within = tf.sub(
        tf.sub(upstream, tf.div(offsetGradient, count)),
        tf.mul(xhat, tf.div(scaleGradient, count)),
      );
      return [tf.reshape(tf.mul(within, slope), x.shape), scaleGradient, offsetGradient];
    };
    return { value, gradFunc };
  });
  return normalise(x, scale, offset);
}
