/** The losses of FFSD: of the leader, of a common student and of the fusion. */
import { temperatureKl } from '../../../engine/loss-ops';
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import { sumOf } from '../sums';
import { attentionLosses } from './attention';

/**
 * The share of its weights at this progress (0..1) of the run: exp(-5(1-s)^2) with s = progress / warmup, then 1.
 * @param warmup % of the run
 */
export function warmUp(progress: Tensor, warmup: number): tf.Scalar {
  return tf.tidy(() => {
    const s = warmup > 0 ? tf.minimum(tf.mul(progress, 100 / warmup), 1) : tf.onesLike(progress);
    return tf.exp(tf.mul(tf.square(tf.sub(1, s)), -5)) as tf.Scalar;
  });
}

/** T^2/(n-1) times the sum over the others of KL(other || own), [B]. @param others logits [B,C] each, constants */
export function mutualLosses(own: Tensor, others: readonly Tensor[], temperature: number): Tensor1D {
  return tf.tidy(() =>
    tf.div(sumOf(others.map((other) => temperatureKl(own, other, temperature))), others.length),
  );
}

export interface LeaderTerms {
  logits: Tensor;
  /** [B,H,W,C] its last map */
  map: Tensor4D;
  /** [B,H,W,nC] that map, led to the size of all students' maps together */
  translated: Tensor4D;
}

export interface FusedTerms {
  logits: Tensor;
  /** [B,H,W,C] */
  map: Tensor4D;
  /** [B,H,W,nC] the students' last maps side by side */
  concat: Tensor4D;
}

/** What the leader learns beside the labels, without self-distillation, [B] each. @param fused constants */
export function leaderLosses(
  leader: LeaderTerms,
  fused: FusedTerms,
  temperature: number,
): { answers: Tensor1D; maps: Tensor1D } {
  return {
    answers: temperatureKl(leader.logits, fused.logits, temperature),
    maps: tf.add(attentionLosses(leader.map, fused.map), attentionLosses(leader.translated, fused.concat)),
  };
}
