import { meanSquaredDifference, softmaxCrossEntropy } from '../../../engine/loss-ops';
import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';

/** Weights of a mix of J maps, [J], from what is searched. That it is a softmax is our choice (as in DARTS). */
export function mixWeights(beta: Tensor): Tensor1D {
  return tf.softmax(beta as Tensor1D);
}

/**
 * The mix of all maps of a group, A = sum_j alpha_j T_j.
 * @param maps [B,...] each, of one shape
 * @param alpha [J], differentiable
 * @returns [B,...]
 */
export function aggregate(maps: readonly Tensor[], alpha: Tensor1D): Tensor {
  return tf.tidy(() => {
    const [batch, ...shape] = maps[0]!.shape;
    const rows = tf.stack(maps.map((map) => tf.reshape(map, [-1])));
    return tf.reshape(tf.matMul(tf.expandDims(alpha, 0), rows), [batch!, ...shape]);
  });
}

/**
 * Student-to-teacher path: mean over places and channels of (A - F(S))^2, [B]. The mean is our choice.
 * Source: Guan et al. 2020.
 * @param translated the student's map with the teacher's channels
 */
export function toTeacherLosses(mixed: Tensor, translated: Tensor): Tensor1D {
  return meanSquaredDifference(mixed, translated);
}

export interface BridgeWeights {
  gammaST: number;
  gammaTS: number;
}

/**
 * What the search minimises, [B]: cross-entropies of the student and of its later layers fed with the mix, and the
 * distance of the mix from the student's map. That the student's own cross-entropy is part of it is our choice.
 * @param logits of the student; null where they are a constant to what is searched
 * @param bridged logits of the later layers; null for the student's loss alone
 * @param labels [B,C] one-hot; a row of zeros gives no cross-entropy
 */
export function bridgeLosses(
  {
    logits,
    toTeacher,
    bridged,
    labels,
  }: { logits: Tensor | null; toTeacher: Tensor1D; bridged: Tensor | null; labels: Tensor },
  { gammaST, gammaTS }: BridgeWeights,
): Tensor1D {
  return tf.tidy(() => {
    let losses = tf.mul<Tensor1D>(toTeacher, gammaST);
    if (bridged) losses = tf.add(losses, tf.mul(softmaxCrossEntropy(bridged, labels), gammaTS));
    return logits ? tf.add(losses, softmaxCrossEntropy(logits, labels)) : losses;
  });
}
