import { tf, type Tensor1D } from '../../engine/tf';

/** The sum of per-instance losses [B], of which there is at least one. */
export const sumOf = (losses: readonly Tensor1D[]): Tensor1D =>
  losses.reduce((sum, each) => tf.add(sum, each));
