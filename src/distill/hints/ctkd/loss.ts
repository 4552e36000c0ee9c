import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';

/**
 * Strength with which the temperature learns, by how much of the curriculum is behind: along half a cosine from `from`
 * to `to`. Negative means that the temperature climbs the loss that the student descends.
 * @param progress 0..1 and beyond (which counts as 1)
 */
export function curriculum(progress: Tensor, { from, to }: { from: number; to: number }): tf.Tensor {
  return tf.tidy(() => {
    const angle = tf.mul(tf.minimum(progress, 1), Math.PI);
    return tf.add(tf.mul(tf.add(tf.cos(angle), 1), (from - to) / 2), to);
  });
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
 * @param student [B,C], differentiable @param teacher [B,C], constant @param temperature [1], differentiable
 * @returns [B]. Source: Li et al. 2023, the authors' code.
 */
export function ctkdLosses(student: Tensor, teacher: Tensor, temperature: Tensor): Tensor1D {
  return tf.tidy(() => {
    const logOf = (logits: Tensor) => tf.logSoftmax(tf.div(logits, temperature) as Tensor2D);
    const [logStudent, logTeacher] = [logOf(student), logOf(teacher)];
    const divergence = tf.sum(tf.mul(tf.exp(logTeacher), tf.sub(logTeacher, logStudent)), -1);
    return tf.mul(divergence, tf.square(temperature));
  });
}
