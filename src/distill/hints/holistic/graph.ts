/** The graph of a batch: which images are near each other by what a network says of them, and embeddings mixed along it. */
import { constantOf } from '../../../engine/constant';
import type { Ops } from '../../../engine/ops';
import { tf, type Tensor, type Tensor2D } from '../../../engine/tf';
import { unitRows } from '../banks';

/**
 * The k nearest of each image by 1 - cos of class probabilities; an image is the first neighbour of itself.
 * @param logits [B,C]; the graph is a constant @param k at most B
 * @returns [B,B], 1 where the column's image is a neighbour of the row's. Source: Zhou et al. 2021, the authors' code.
 */
export function neighbourMatrix(logits: Tensor, k: number): Tensor2D {
  return constantOf(() =>
    tf.tidy(() => {
      const images = logits.shape[0]!;
      const unit = unitRows(tf.softmax(logits as Tensor2D));
      // Cosines are at most 1, so that 2 on the diagonal puts the image itself first.
      const near = tf.add(tf.matMul(unit, unit, false, true), tf.mul(tf.eye(images), 2));
      const { indices } = tf.topk(near, k);
      const each = tf.cast(tf.oneHot(tf.cast(indices, 'int32'), images), 'float32');
      // A cast leaves whole numbers behind on WebGPU, whose transposition (for a sum over a middle axis) refuses them.
      return tf.sum(tf.mul(each, 1), 1) as Tensor2D;
    }),
  );
}

/**
 * One graph convolution: unit([e, mean of the neighbours' e] W + c).
 * @param embeddings [B,D], differentiable @param neighbours [B,B] with k ones a row, constant
 * @param name of the layer, whose weight is [2D,D]
 * @returns [B,D]
 */
export function graphEmbedding(
  ops: Ops<Tensor>,
  embeddings: Tensor2D,
  neighbours: Tensor2D,
  k: number,
  { name, units }: { name: string; units: number },
): Tensor2D {
  const mixed = tf.matMul(tf.div(neighbours, k) as Tensor2D, embeddings);
  return unitRows(ops.dense(tf.concat([embeddings, mixed], 1), { name, units }));
}
