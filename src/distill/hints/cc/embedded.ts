/** The form of CC in the benchmark's code: differences of trained embeddings, correlated between neighbours. */
import type { Ops } from '../../../engine/ops';
import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';

/** One network's pooled vector [B,D] -> [B,units]. Both networks' embeddings are trained. */
export function embedVector<T>(ops: Ops<T>, vector: T, whose: 'Student' | 'Teacher', units: number): T {
  return ops.dense(vector, { name: `embed${whose}`, units });
}

/**
 * d_i . d_(i+1) with d = |embedded student - embedded teacher|, over neighbours in the batch. The published loss is the
 * mean of the B-1 products; here each is shared evenly by its two images and scaled by B/(B-1), so that the mean over
 * images is the same.
 * @param student [B,D] @param teacher [B,D]
 * @returns [B]. Source: RepDistiller.
 */
export function ccEmbeddedLosses(student: Tensor, teacher: Tensor): Tensor1D {
  return tf.tidy(() => {
    const [batch, width] = student.shape as [number, number];
    // One image has no neighbour.
    if (batch === 1) return tf.mul(tf.sum(tf.sub(student, teacher), -1), 0);
    const apart = tf.abs(tf.sub(student, teacher));
    const rows = (from: number) => tf.slice(apart, [from, 0], [batch - 1, width]);
    const products = tf.sum(tf.mul(rows(0), rows(1)), -1);
    const shares = tf.add(tf.pad(products, [[0, 1]]), tf.pad(products, [[1, 0]]));
    return tf.mul(shares, batch / (batch - 1) / 2);
  });
}
