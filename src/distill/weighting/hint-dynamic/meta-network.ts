import { gradientsOf } from '../../../engine/gradients';
import {
  hasInstanceWeights,
  instanceWeightGradients,
  instanceWeights,
} from '../../../engine/instance-weights';
import { tf, type Tensor, type Tensor2D } from '../../../engine/tf';
import { variableOf } from '../../../engine/variables';
import type { RandomStream } from '../../../random/streams';

/** The four parameters of the meta-weight network. */
export interface MetaParameters<T> {
  /** [K,64] */
  kernel1: T;
  /** [64] */
  bias1: T;
  /** [64,H] */
  kernel2: T;
  /** [H] */
  bias2: T;
}

/**
 * First values: He normal, then zeros, so that all weights start at their base and "HKD off" equals "HKD at start".
 */
export function createMetaParameters(
  features: number,
  hidden: number,
  hints: number,
  random: RandomStream,
  scope: string,
): MetaParameters<tf.Variable> {
  const deviation = Math.sqrt(2 / features);
  const kernel = Float32Array.from({ length: features * hidden }, () => random.normal() * deviation);
  return {
    kernel1: variableOf(() => tf.tensor2d(kernel, [features, hidden]), true, `${scope}/meta1.kernel`),
    bias1: variableOf(() => tf.zeros([hidden]), true, `${scope}/meta1.bias`),
    kernel2: variableOf(() => tf.zeros([hidden, hints]), true, `${scope}/meta2.kernel`),
    bias2: variableOf(() => tf.zeros([hints]), true, `${scope}/meta2.bias`),
  };
}

/**
 * w = base * 2 * sigmoid(net(features)), in (0, 2*base).
 * @param features [B,K]
 * @param base [H] or [1,H]
 * @returns [B,H]
 */
export function metaWeights(parameters: MetaParameters<Tensor>, features: Tensor2D, base: Tensor): Tensor2D {
  return tf.tidy(() => {
    const { kernel1, bias1, kernel2, bias2 } = parameters;
    if (hasInstanceWeights()) return instanceWeights(features, [kernel1, bias1, kernel2, bias2], base);
    const hidden = tf.relu(tf.add(tf.matMul(features, kernel1 as Tensor2D), bias1));
    const z = tf.add(tf.matMul(hidden as Tensor2D, kernel2 as Tensor2D), bias2);
    return tf.mul(tf.mul(tf.sigmoid(z), 2), base) as Tensor2D;
  });
}

/**
 * Gradient by the network's parameters of S = sum_ih hypergradient_ih * w_ih, hypergradient constant.
 * @param hypergradients [B,H]
 */
export function metaGradients(
  parameters: MetaParameters<Tensor>,
  features: Tensor2D,
  base: Tensor,
  hypergradients: Tensor2D,
): MetaParameters<Tensor> {
  return tf.tidy(() => {
    const { kernel1, bias1, kernel2, bias2 } = parameters;
    const all = [kernel1, bias1, kernel2, bias2] as const;
    const gradients = hasInstanceWeights()
      ? instanceWeightGradients(features, all, base, hypergradients)
      : gradientsOf(() => tf.sum(tf.mul(hypergradients, metaWeights(parameters, features, base))), [...all])
          .gradients;
    const [g1, h1, g2, h2] = gradients;
    return { kernel1: g1!, bias1: h1!, kernel2: g2!, bias2: h2! };
  });
}
