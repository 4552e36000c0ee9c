/** The hierarchical context loss (HCL) of ReviewKD. */
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import { adaptiveAveragePool } from '../resample';

/** Sides that maps are pooled to, in the authors' order. */
export const publishedPools: readonly number[] = [4, 2, 1];

/**
 * The parts of the loss of one level: mean squared error at full size and pooled to each side that is smaller than the
 * map, already weighted 1, 1/2, 1/4, ... by their order over the sum of these weights; [B] each. They add up to the loss.
 */
export function hclParts(
  student: Tensor4D,
  teacher: Tensor4D,
  pools: readonly number[] = publishedPools,
): { side: number; losses: Tensor1D }[] {
  const side = student.shape[1];
  const sides = [side, ...pools.filter((pool) => pool < side)];
  const weights = sides.map((_, k) => 2 ** -k);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return sides.map((to, k) => {
    const losses = tf.tidy(() => {
      const [s, t] = [student, teacher].map((map) => (k === 0 ? map : adaptiveAveragePool(map, to, to)));
      const error = tf.mean<Tensor1D>(tf.squaredDifference(s as Tensor, t as Tensor), [1, 2, 3]);
      return tf.mul<Tensor1D>(error, weights[k]! / sum);
    });
    return { side: to, losses };
  });
}

/**
 * Hierarchical context loss of one level, [B].
 * @param student [B,H,W,C] @param teacher [B,H,W,C], constant
 * Source: dvlab-research/ReviewKD.
 */
export function hclLosses(student: Tensor4D, teacher: Tensor4D, pools = publishedPools): Tensor1D {
  return tf.tidy(() =>
    hclParts(student, teacher, pools)
      .map(({ losses }) => losses)
      .reduce((sum, part) => tf.add(sum, part)),
  );
}
