/** Where maps look: attention, its distance, and the push to look elsewhere. */
import { attentionMaps, meanSquaredDifference } from '../../../engine/loss-ops';
import { tf, type Tensor1D, type Tensor2D, type Tensor4D } from '../../../engine/tf';

/** Distance of where two maps look, [B]. @param a [B,H,W,C], differentiable, like b @param b [B,H,W,D] */
export function attentionLosses(a: Tensor4D, b: Tensor4D): Tensor1D {
  return tf.tidy(() => meanSquaredDifference(attentionMaps(a, 2), attentionMaps(b, 2)));
}

export type Elsewhere = {
  /** [B,P] where a student is to look that differs from the other one */
  target: Tensor2D;
  /** [B,H,W,C] the other's map, moved there */
  shifted: Tensor4D;
};

/**
 * Where to look in place of another student: its strong places get n - q, its weak third keeps q, with q its attention of
 * length 1 and n the length before. Constants only. Source: Li et al. 2022, the authors' code.
 * @param other [B,H,W,C] of at least 3 places
 */
export function elsewhere(other: Tensor4D): Elsewhere {
  return tf.tidy(() => {
    const [batch, height, width, channels] = other.shape;
    const places = height * width;
    const energy = tf.reshape(tf.mean(tf.square(other), -1), [batch, places]);
    const n = tf.sqrt(tf.maximum(tf.sum(tf.square(energy), 1, true), 1e-24));
    const q = tf.div(energy, n);
    const weakest = Math.floor(places / 3);
    // Taken from the same numbers, so that the place on the threshold is found exactly.
    const lowest = tf.neg(tf.topk(tf.neg(q), weakest).values);
    const threshold = tf.slice(lowest, [0, weakest - 1], [batch, 1]);
    const half = tf.div(n, 2);
    const target = tf.add(tf.mul(tf.sub(half, q), tf.sign(tf.sub(q, threshold))), half) as Tensor2D;
    const move = tf.mul(tf.sub(target, q), tf.div(n, channels));
    return { target, shifted: tf.add<Tensor4D>(other, tf.reshape(move, [batch, height, width, 1])) };
  });
}

/** [B] @param map [B,H,W,C], differentiable @param target [B,P] of `elsewhere`, constant */
export function diversityLosses(map: Tensor4D, target: Tensor2D): Tensor1D {
  return tf.tidy(() => meanSquaredDifference(attentionMaps(map, 2), target));
}
