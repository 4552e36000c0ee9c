import { tf } from './tf';

/**
 * 1x1 convolution in groups of neighbouring channels, as one product of matrices per group.
 * @param x [B,H,W,C]
 * @param kernel [1,1,C/groups,out]
 * @returns [B,H,W,out]
 */
export function groupedConv(x: tf.Tensor4D, kernel: tf.Tensor4D, groups: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const [, , inputs, filters] = kernel.shape;
  const places = batch * height * width;
  const byGroup = tf.transpose(tf.reshape(x, [places, groups, channels / groups]), [1, 0, 2]);
  const kernels = tf.transpose(tf.reshape(kernel, [inputs, groups, filters / groups]), [1, 0, 2]);
  const products = tf.matMul(byGroup, kernels);
  return tf.reshape(tf.transpose(products, [1, 0, 2]), [batch, height, width, filters]);
}
