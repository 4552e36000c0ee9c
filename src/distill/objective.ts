/** The common step of every recipe: L = gamma * CE + mean_i sum_h w_ih * l_ih. */
import { meanCrossEntropy, softmaxCrossEntropy, weightedLosses } from '../engine/losses';
import type { tf, Tensor, Tensor1D, Tensor2D } from '../engine/tf';

/**
 * Cross-entropy per instance, [B].
 * @param logits [B,C]
 * @param oneHot [B,C]; a row of zeros (an image without a label) gives 0.
 */
export function crossEntropies(logits: Tensor, oneHot: Tensor): Tensor1D {
  return softmaxCrossEntropy(logits, oneHot);
}

/**
 * Mean cross-entropy over the labelled images of a batch.
 * @param ce [B] with zeros where there is no label
 * @param labelled how many rows have a label
 */
export function meanOverLabelled(ce: Tensor1D, labelled: number): tf.Scalar {
  return weightedLosses(ce, null, Math.max(labelled, 1));
}

/**
 * The same from the logits at once, for those who need no single cross-entropies.
 * @param logits [B,C], differentiable
 * @param oneHot [B,C]; zeros without a label
 */
export function labelLoss(logits: Tensor, oneHot: Tensor, labelled: number): tf.Scalar {
  return meanCrossEntropy(logits, oneHot, Math.max(labelled, 1));
}

/**
 * Mean over the batch of the weighted sum of hint losses.
 * @param losses [B,H], differentiable
 * @param weights [B,H] or [1,H], constant
 */
export function weightedHints(losses: Tensor2D, weights: Tensor2D): tf.Scalar {
  return weightedLosses(losses, weights, losses.shape[0]);
}
