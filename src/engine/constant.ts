import { tf } from './tf';

/**
 * A value computed from `input` that gradients do not flow through: TensorFlow.js has no stop-gradient, so the
 * computation is hidden in a custom op whose gradient is zero. Use it for what depends on the student but must count
 * as a constant (hint weights).
 * @param compute may use any tensor; `input` only says whose gradient is zeroed, so pass the smallest there is
 */
export function constantOf<T extends tf.Tensor>(input: tf.Tensor, compute: () => T): T {
  const op = tf.customGrad((x, save) => {
    const [value, keep] = [compute(), save as (tensors: tf.Tensor[]) => void];
    // Without a saved tensor the backward pass has no shape to make zeros of.
    keep([x as tf.Tensor]);
    return {
      value,
      gradFunc: (_dy: tf.Tensor, saved: tf.Tensor[]) => tf.zerosLike(saved[0]!),
    };
  });
  return op(input) as T;
}

/**
 * A value that counts as a constant: no gradient is made for what it is computed from, not even zeros.
 * @param compute may use any tensor
 */
export function detached<T extends tf.Tensor>(compute: () => T): T {
  const op = tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }));
  return op() as T;
}
