import { constantOf } from '../../../engine/constant';
import { tf, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { unitRows } from '../banks';

/** What one term contrasts; all but the anchors are constants. */
export interface Contrast {
  /** [B,D], differentiable */
  anchors: Tensor2D;
  /** [B,D] what each is to be found near to */
  positives: Tensor2D;
  /** [N,D] the memory whose rows are its negatives */
  bank: Tensor2D;
  /** [B,N] how often each row of the memory counts as a negative */
  counts: Tensor2D;
}

/**
 * InfoNCE: -log of the positive's share among it and the negatives, [B]. All rows of the memory are scored at once.
 * Source: Zhou et al. 2021, the authors' code.
 */
export function contrastLosses({ anchors, positives, bank, counts }: Contrast, tau: number): Tensor1D {
  return tf.tidy(() => {
    const own = tf.div(tf.sum(tf.mul(anchors, positives), 1, true), tau) as Tensor2D;
    const others = tf.div(tf.matMul(anchors, bank, false, true), tau) as Tensor2D;
    // Taken off before the exponentials, which would overflow at low temperatures; it cancels out.
    const most = constantOf(() => tf.maximum(tf.max(others, 1, true), own));
    const positive = tf.sub(own, most);
    const negatives = tf.sum(tf.mul(counts, tf.exp(tf.sub(others, most))), 1, true);
    const losses = tf.sub(tf.log(tf.add(tf.exp(positive), negatives)), positive);
    return tf.squeeze(losses, [1]);
  });
}

/** What a graph embedding is compared with: unit(share * remembered + (1 - share) * graph), [B,D], a constant. */
export function smoothed(remembered: Tensor2D, graph: Tensor2D, share: number): Tensor2D {
  return constantOf(() =>
    tf.tidy(() => unitRows(tf.add(tf.mul(remembered, share), tf.mul(graph, 1 - share)))),
  );
}
