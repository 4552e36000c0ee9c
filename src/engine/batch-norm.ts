import { affine, channelMeans, scaleChannels } from './channelwise';
import { refuseSecondOrder } from './gradients';
import { tf } from './tf';

/** Added to the variance before the square root, as in PyTorch. */
const epsilon = 1e-5;

/**
 * Batch normalisation with the statistics of the batch over all axes but the last.
 *
 * One custom op: differentiating the composed formula would record and keep about twenty tensors per layer, and the
 * gradient has a closed form. With xhat the normalised input and means over the batch,
 * dx = scale / deviation * (dy - mean(dy) - xhat * mean(dy * xhat)).
 *
 * @param x [B,H,W,C] or [B,C]
 * @param scale [C]
 * @param offset [C]
 * @param observe receives the batch mean and the unbiased variance, both [C], and owns them
 * @returns the normalised tensor in the shape of x
 */
export function batchNormTraining(
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  observe?: (mean: tf.Tensor1D, variance: tf.Tensor1D) => void,
): tf.Tensor {
  const count = x.size / x.shape.at(-1)!;
  const normalise = tf.customGrad((...inputs) => {
    const [input, gamma, beta, save] = inputs as unknown as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      (tensors: tf.Tensor[]) => void,
    ];
    const mean = channelMeans(input);
    const centred = scaleChannels(input, tf.onesLike(mean), tf.neg(mean));
    const variance = channelMeans(tf.square(centred));
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    if (observe) {
      // A single row has no unbiased variance; the biased one (zero) is used.
      const unbiased = tf.mul<tf.Tensor1D>(variance, count / Math.max(count - 1, 1));
      observe(tf.keep(mean), tf.keep(unbiased));
    }
    save([centred, inverse, gamma]);
    return {
      value: scaleChannels(centred, tf.mul(gamma, inverse), beta),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        refuseSecondOrder('Batch normalisation');
        return normalisationGradients(dy, saved, count);
      },
    };
  });
  return normalise(x, scale, offset);
}

function normalisationGradients(dy: tf.Tensor, saved: tf.Tensor[], count: number): tf.Tensor[] {
  const [centred, inverse, gamma] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
  const meanGradient = channelMeans(dy);
  const meanProduct = tf.mul(channelMeans(tf.mul(dy, centred)), inverse);
  // The formula above as two per-channel scalings: slope * (dy - mean(dy)) - slope * mean(dy * xhat) * xhat.
  const slope = tf.mul(gamma, inverse);
  const constant = tf.neg(tf.mul(slope, meanGradient));
  const tilt = tf.neg(tf.mul(tf.mul(slope, inverse), meanProduct));
  const dx = tf.add(scaleChannels(dy, slope, constant), scaleChannels(centred, tilt, tf.zerosLike(tilt)));
  return [dx, tf.mul(meanProduct, count), tf.mul(meanGradient, count)];
}

/** Batch normalisation with given statistics (evaluation); all but `x` are [C]. Differentiable. */
export function batchNormEvaluation(
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
): tf.Tensor {
  const slope = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
  return affine(x, slope, tf.sub(offset, tf.mul(mean, slope)));
}

/**
 * Gradients of given mean and variance in batch normalisation, on demand.
 * @param numbers scale, offset, mean, variance [C]
 * @param dScale, dOffset gradients of scale and offset [C]
 */
export function statisticsGradients(
  numbers: readonly tf.Tensor[],
  dScale: tf.Tensor,
  dOffset: tf.Tensor,
): { mean: () => tf.Tensor; variance: () => tf.Tensor } {
  const [scale, , , variance] = numbers as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const steadied = () => tf.add(variance, epsilon);
  return {
    mean: () => tf.neg(tf.mul(dOffset, tf.mul(scale, tf.rsqrt(steadied())))),
    variance: () => tf.mul(dScale, tf.div(scale, tf.mul(steadied(), -2))),
  };
}
