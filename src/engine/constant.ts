import { tf } from './tf';

/**
 * A value that gradients do not flow through: TensorFlow.js has no stop-gradient, so the computation is hidden in a custom op
 * without inputs. No gradient is made for what it is computed from, not even zeros. Use it for what depends on the student
 * but must count as a constant (weights of hints).
 * @param compute may use any tensor
 */
export function constantOf<T extends tf.Tensor>(compute: () => T): T {
  const op = tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }));
  return op() as T;
}
