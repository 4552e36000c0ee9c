import { attentionMaps, meanSquaredDifference } from '../../../engine/loss-ops';
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import { matchSides } from '../resample';

/** How well the paraphraser gives the teacher's map back: mean squared error, [B]. */
export function paraphraserLosses(reconstruction: Tensor, teacher: Tensor): Tensor1D {
  return meanSquaredDifference(reconstruction, teacher);
}

/** Mean over the last axis of |a - b|^p, [B,n] -> [B]. */
function distance(a: Tensor, b: Tensor, p: number): Tensor1D {
  const apart = tf.abs(tf.sub(a, b));
  return tf.mean(p === 1 ? apart : p === 2 ? tf.square(apart) : tf.pow(apart, p), -1);
}

/**
 * Factor transfer as in the paper: both factors flattened and brought to unit length, mean of |difference|^p, [B].
 * @param student [B,H,W,C_f], differentiable @param teacher the same shape, constant
 * Source: Kim et al. 2018; equals Knowledge-Distillation-Zoo, torchdistill and mmrazor for p = 1.
 */
export function factorLosses(student: Tensor4D, teacher: Tensor4D, p: number): Tensor1D {
  return tf.tidy(() => {
    const [s, t] = matchSides(student, teacher).map((factors) => {
      const flat = tf.reshape(factors, [factors.shape[0], -1]);
      return tf.div(flat, tf.sqrt(tf.maximum(tf.sum(tf.square(flat), -1, true), 1e-24)));
    }) as [Tensor, Tensor];
    return distance(s, t, p);
  });
}

/**
 * Factor transfer as in the benchmark's code: the factors' attention maps (mean over channels of |f|^p1, unit length),
 * mean of |difference|^p2, [B]. Source: RepDistiller.
 */
export function factorAttentionLosses(
  student: Tensor4D,
  teacher: Tensor4D,
  { p1, p2 }: { p1: number; p2: number },
): Tensor1D {
  return tf.tidy(() => {
    const [s, t] = matchSides(student, teacher);
    return distance(attentionMaps(s, p1), attentionMaps(t, p1), p2);
  });
}
