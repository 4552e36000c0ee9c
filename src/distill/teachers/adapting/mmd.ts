import { constantOf } from '../../../engine/constant';
import { tf, type Tensor2D } from '../../../engine/tf';

/** Kernels, each with twice the bandwidth of the one before. */
export interface KernelFamily {
  count: number;
  factor: number;
}

/** As coded by the authors. */
export const publishedKernels: KernelFamily = { count: 5, factor: 2 };

/** Below this the features of a batch are all alike (all 0 early in a run), and nothing can be divided by it. */
const smallestBandwidth = 1e-8;

/**
 * Maximum mean discrepancy between features of two domains: mean of K(source, source) + K(target, target)
 * - 2 K(source, target), where K is a sum of Gaussian kernels whose bandwidths are spread around the mean squared
 * distance of the joint batch, a constant. Diagonals are included.
 * @param source [N,D], differentiable, like target [N,D]: as many rows
 * Source: MT-MTDA, mmd_rbf_noaccelerate.
 */
export function mmd(
  source: Tensor2D,
  target: Tensor2D,
  { count, factor }: KernelFamily = publishedKernels,
): tf.Scalar {
  return tf.tidy(() => {
    const [rows] = source.shape;
    const total = 2 * rows;
    const joint = tf.concat([source, target]);
    const bandwidth = constantOf(() => {
      const sum = tf.sum(squaredDistances(joint));
      return tf.maximum(
        tf.div(sum, (total * total - total) * factor ** Math.floor(count / 2)),
        smallestBandwidth,
      );
    });
    const distances = squaredDistances(joint);
    const kernels = Array.from({ length: count }, (_, k) =>
      tf.exp(tf.neg(tf.div(distances, tf.mul(bandwidth, factor ** k)))),
    ).reduce((sum, kernel) => tf.add(sum, kernel));
    // +1 within a domain, -1 between two.
    const side = tf.concat([tf.ones([rows, 1]), tf.neg(tf.ones([rows, 1]))]) as Tensor2D;
    return tf.div(tf.sum(tf.mul(kernels, tf.matMul(side, side, false, true))), rows * rows);
  });
}

/** Between all pairs of rows, [N,D] to [N,N]; of differences, so that the distance of a row to itself is exactly 0. */
function squaredDistances(rows: Tensor2D): Tensor2D {
  const [count, width] = rows.shape;
  const across = tf.reshape(rows, [count, 1, width]);
  const down = tf.reshape(rows, [1, count, width]);
  return tf.sum(tf.square(tf.sub(across, down)), -1);
}
