import { tf } from './tf';

/**
 * Stop-gradient, which TensorFlow.js lacks: the computation is hidden in a custom op without inputs, so no gradient,
 * not even zeros, is made for its operands. Use it for values that depend on the student but count as constants
 * (weights of hints).
 * @param compute may use any tensor
 */
export function constantOf<T extends tf.Tensor>(compute: () => T): T {
  const op = tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }));
  return op() as T;
}
