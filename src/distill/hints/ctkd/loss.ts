import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';

/**
 * Strength with which the temperature learns, by how much of the curriculum is behind: along half a cosine from `from`
 * to `to`. Negative means that the temperature climbs the loss that the student descends.
 * @param progress 0..1 and beyond (which counts as 1)
 */
export function curriculum(progress: Tensor, { from, to }: { from: number; to: number }): tf.Tensor {
  return tf.tidy(() => tf.add(tf.mul(tf.square(sineOfQuarter(tf.minimum(progress, 1))), to - from), from));
}

/** sin(x pi / 2) for x from 0 to 1, by its series: shaders need promise no more than three digits of theirs. */
function sineOfQuarter(x: Tensor): Tensor {
  const angle = tf.mul(x, Math.PI / 2);
  const square = tf.square(angle);
  let sum: Tensor = tf.onesLike(x);
  for (let n = 12; n > 1; n -= 2) sum = tf.sub(1, tf.mul(sum, tf.div(square, n * (n + 1))));
  return tf.mul(angle, sum);
}

/** The value of x; its gradient is multiplied by `factor`, a constant. */
export function scaleGradient(x: Tensor, factor: Tensor): Tensor {
  const op = tf.customGrad((...inputs) => {
    const [value, by, save] = inputs as unknown as [Tensor, Tensor, (tensors: Tensor[]) => void];
    // Saved, since the backward pass may run when everything else of the forward pass is gone.
    save([by]);
    return {
      value: value.clone(),
      gradFunc: (dy: Tensor, [saved]: Tensor[]) => [tf.mul(dy, saved!), tf.zerosLike(saved!)],
    };
  });
  return op(x, factor);
}

/** T = start + span * sigmoid(theta), of theta's shape. */
export function temperatureOf(theta: Tensor, { start, span }: { start: number; span: number }): Tensor {
  return tf.tidy(() => tf.add(tf.mul(tf.sigmoid(theta), span), start));
}

/**
 * T^2 * KL(softmax(teacher / T) || softmax(student / T)) with a temperature that learns.
 *
 * At the temperatures of this method T^2 * KL hardly depends on T: its slope is what is left when terms some hundred times
 * larger cancel, which rounding turns into noise. Here both are written with the parts that do not cancel. With p and q
 * the teacher's and the student's shares and r = ln q - ln p, so that the mean of e^r under p is 1,
 *
 *     KL = E_p[psi(r)],  psi(r) = e^r - 1 - r
 *     d(T^2 KL)/dT = T (2 E_p[chi(r)] + KL^2) - Cov_p(student, psi(r)),  chi(r) = psi(r) - r^2 / 2
 *
 * @param student [B,C], differentiable @param teacher [B,C], constant @param temperature [1], differentiable
 * @returns [B]. Source: Li et al. 2023, the authors' code.
 */
export function ctkdLosses(student: Tensor, teacher: Tensor, temperature: Tensor): Tensor1D {
  const op = tf.customGrad((...inputs) => {
    const [s, t, at, save] = inputs as unknown as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    save([s, t, at]);
    return {
      value: tf.mul(softened(s, t, at).divergence, tf.square(at)),
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        ctkdGradients(dy as Tensor1D, saved as [Tensor, Tensor, Tensor]),
    };
  });
  return tf.tidy(() => op(student, teacher, temperature) as Tensor1D);
}

function ctkdGradients(dy: Tensor1D, [student, teacher, temperature]: [Tensor, Tensor, Tensor]): Tensor[] {
  const { p, q, divergence, second, third } = softened(student, teacher, temperature);
  const fromMean = tf.sub(student, tf.sum(tf.mul(p, student), -1, true));
  const covariance = tf.sum(tf.mul(second, fromMean), -1);
  const curved = tf.add(tf.mul(tf.sum(third, -1), 2), tf.square(divergence));
  const slope = tf.sub(tf.mul(curved, temperature), covariance);
  return [
    tf.mul(tf.mul(tf.expandDims(dy, -1), temperature), tf.sub(q, p)),
    tf.zerosLike(teacher),
    tf.reshape(tf.sum(tf.mul(dy, slope)), temperature.shape),
  ];
}

/** The shares p and q [B,C] at a temperature, their divergence [B], and p psi(r) and p chi(r), each [B,C]. */
function softened(student: Tensor, teacher: Tensor, temperature: Tensor) {
  const logOf = (logits: Tensor) =>
    tf.logSoftmax(tf.div(tf.sub(logits, tf.max(logits, -1, true)), temperature) as Tensor2D);
  const [logQ, logP] = [logOf(student), logOf(teacher)];
  const [q, p] = [tf.exp(logQ), tf.exp(logP)];
  const r = tf.sub(logQ, logP);
  const halfSquare = tf.mul(p, tf.mul(tf.square(r), 0.5));
  // chi by its series where shares are close, by its definition where they are not.
  const close = tf.step(tf.sub(1, tf.abs(r)));
  const apart = tf.sub(tf.sub(tf.sub(q, p), tf.mul(p, r)), halfSquare);
  const third = tf.add(tf.mul(close, tf.mul(p, chiSeries(r))), tf.mul(tf.sub(1, close), apart));
  const second = tf.add(third, halfSquare);
  return { p, q, divergence: tf.sum(second, -1), second, third };
}

/** r^3/3! + r^4/4! + ... + r^10/10!, for r between -1 and 1; numbers beyond count as these. */
function chiSeries(r: Tensor): Tensor {
  const x = tf.clipByValue(r, -1, 1);
  let sum: Tensor = tf.onesLike(x);
  for (let n = 10; n > 3; n--) sum = tf.add(tf.mul(sum, tf.div(x, n)), 1);
  return tf.mul(sum, tf.div(tf.mul(tf.square(x), x), 6));
}
