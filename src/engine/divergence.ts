/** Kullback-Leibler divergence without the cancellation that high temperatures cause. */
import { tf, type Tensor } from './tf';

/**
 * Below this |log(p / q)| the terms are computed as a series; above it cancellation is negligible. The first omitted
 * term is r^7/5040 against r^2/2: 1e-7 of it.
 */
export const seriesBound = 0.25;

/**
 * Terms per class of KL(p || q): p (r + exp(-r) - 1) with r = log p - log q, elementwise. Because p and q each sum to
 * 1, their sum over classes equals that of the usual p r. Here each term, and its rounding error, is of second order
 * in r: at temperature 20 the usual sum keeps three digits of a loss, this one six.
 * @param logP, logQ [...,C] differentiable logarithms; the caller computes their softmax
 */
export function divergenceTerms(logP: Tensor, logQ: Tensor): Tensor {
  const compute = tf.customGrad((p, q, save) => {
    const given = [p as Tensor, q as Tensor] as const;
    (save as tf.GradSaveFunc)([...given]);
    return {
      value: terms(...given),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [a, b] = saved as [Tensor, Tensor];
        return [
          tf.mul(dy, tf.mul(tf.exp(a), tf.sub(a, b))),
          tf.mul(dy, tf.sub(tf.exp(b), tf.exp(a))),
        ] as unknown as Tensor;
      },
    };
  });
  return compute(logP, logQ);
}

function terms(logP: Tensor, logQ: Tensor): Tensor {
  return tf.tidy(() => {
    const [p, q] = [tf.exp(logP), tf.exp(logQ)];
    const r = tf.sub(logP, logQ);
    const inside = tf.clipByValue(r, -seriesBound, seriesBound);
    // 1/2 - r/6 + r^2/24 - r^3/120 + r^4/720, from the innermost factor outwards.
    const series = [120, 24, 6, 2].reduce<Tensor>(
      (sum, divisor) => tf.sub(1 / divisor, tf.mul(inside, sum)),
      tf.scalar(1 / 720),
    );
    const small = tf.mul(p, tf.mul(tf.square(inside), series));
    const large = tf.add(tf.mul(p, r), tf.sub(q, p));
    return tf.where(tf.less(tf.abs(r), seriesBound), small, large);
  });
}

/**
 * Gradient of T^2 KL(softmax(teacher / T) || softmax(student / T)) per image with respect to the teacher's logits.
 * @param dy [B]; student, teacher [B,C]; temperature [1]
 */
export function klTeacherGradient(
  dy: Tensor,
  [student, teacher, temperature]: readonly [Tensor, Tensor, Tensor],
): Tensor {
  const log = (logits: Tensor) => tf.logSoftmax(tf.div(logits, temperature));
  const p = tf.exp(log(teacher));
  const ratio = tf.sub(log(teacher), log(student));
  const change = tf.mul(p, tf.sub(ratio, tf.sum(tf.mul(p, ratio), 1, true)));
  return tf.mul(change, tf.expandDims(tf.mul(dy, temperature), 1));
}
