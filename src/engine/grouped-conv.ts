import { tf } from './tf';

/**
 * 1x1 convolution in groups of neighbouring channels, one convolution per group. (A single batched matrix product
 * takes two to three times as long on wasm, mostly for transposing.)
 * @param x [B,H,W,C]
 * @param kernel [1,1,C/groups,out]
 * @returns [B,H,W,out]
 */
export function groupedConv(x: tf.Tensor4D, kernel: tf.Tensor4D, groups: number): tf.Tensor4D {
  const kernels = tf.split<tf.Tensor4D>(kernel, groups, 3);
  const parts = tf
    .split<tf.Tensor4D>(x, groups, 3)
    .map((part, group) => tf.conv2d(part, kernels[group]!, 1, 'valid'));
  return tf.concat(parts, 3);
}
