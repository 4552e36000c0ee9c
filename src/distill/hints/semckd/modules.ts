/** What SemCKD trains: queries and keys from batch similarities, and a regressor for every pair of layers. */
import type { Ops } from '../../../engine/ops';
import { tf, type Tensor, type Tensor2D } from '../../../engine/tf';

/** Width of queries and keys for a batch. */
export function embeddingWidth(batch: number): number {
  return Math.floor(batch / 4);
}

/** A batch's similarities [B,B] -> embedding [B,B/4]: dense, ReLU, dense. Before it is brought to unit length. */
export function embed<T>(ops: Ops<T>, similarity: T, name: string): T {
  const width = embeddingWidth(ops.shapeOf(similarity)[0]!);
  const hidden = ops.relu(ops.dense(similarity, { name: `${name}.dense0`, units: 2 * width }));
  return ops.dense(hidden, { name: `${name}.dense1`, units: width });
}

/** The student's map [B,H,W,C_s] -> what it says of the teacher's [B,H,W,C_t]. */
export function regressLayer<T>(ops: Ops<T>, map: T, name: string, filters: number): T {
  const wide = 2 * filters;
  let x = ops.conv(map, { name: `${name}.conv0`, filters: wide, kernel: 1 });
  x = ops.batchNormRelu(x, `${name}.bn0`);
  x = ops.conv(x, { name: `${name}.conv1`, filters: wide, kernel: 3, padding: 1 });
  x = ops.batchNormRelu(x, `${name}.bn1`);
  return ops.conv(x, { name: `${name}.conv2`, filters, kernel: 1 });
}

/** How alike the images of a batch are at one layer: [B,...] -> [B,B], not normalised. */
export function batchSimilarity(maps: Tensor): Tensor2D {
  return tf.tidy(() => {
    const flat = tf.reshape(maps, [maps.shape[0]!, -1]) as Tensor2D;
    return tf.matMul(flat, flat, false, true);
  });
}

/** The batch's embedding at one layer, of unit length: [B,...] -> [B,B/4]. */
export function layerEmbedding(ops: Ops<Tensor>, maps: Tensor, name: string): Tensor2D {
  const embedding = embed<Tensor>(ops, batchSimilarity(maps), name);
  const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(embedding), -1, true), 1e-24));
  return tf.div(embedding, norm);
}
