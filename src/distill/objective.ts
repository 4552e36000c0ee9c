/** The common step of every recipe: L = gamma * task loss + mean_i sum_h w_ih * l_ih. */
import { softmaxCrossEntropy, weightedLosses } from '../engine/loss-ops';
import type { tf, Tensor, Tensor1D, Tensor2D } from '../engine/tf';
import { isOfOutput } from './about';
import { hintAbouts } from './hints/abouts';
import type { ResolvedRecipe } from './hints/weights';

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
 * Mean over the batch of the weighted sum of hint losses.
 * @param losses [B,H], differentiable
 * @param weights [B,H] or [1,H], constant
 */
export function weightedHints(losses: Tensor2D, weights: Tensor2D): tf.Scalar {
  return weightedLosses(losses, weights, losses.shape[0]);
}

/**
 * Weight of the cross-entropy with the teacher's hard labels, for the line that learns from them: the sum of the weights
 * of the losses on the teacher's output, in whose place they stand. 1 in a recipe without such a loss.
 */
export function hardLabelWeight(hints: ResolvedRecipe['hints']): number {
  const replaced = hints.filter(({ id, shuffled }) => isOfOutput(hintAbouts[id]) && !shuffled);
  return replaced.length === 0 ? 1 : replaced.reduce((sum, { weight }) => sum + weight, 0);
}
