import { tf } from './tf';

/**
 * Value of `f` and its gradients with respect to each of `xs` (variables or plain tensors), which `f` must use
 * without copying them. A gradient is null where `f` does not depend on that x.
 *
 * Ownership: `value` and `gradients` belong to the caller, who disposes them (or returns them through `tf.tidy`). All
 * other tensors made in `f` are disposed here, except those passed to `tf.keep`. Throws when an op inside `f` on the
 * path from an x to the value has no gradient.
 */
export function gradientsOf(
  f: () => tf.Scalar,
  xs: tf.Tensor[],
): { value: tf.Scalar; gradients: (tf.Tensor | null)[] } {
  // Unlike tf.grads and tf.variableGrads, this call allows unused inputs and ignores global variables.
  const { value, grads } = tf.engine().gradients(f, xs, undefined, true);
  return { value, gradients: grads.map((gradient: tf.Tensor | undefined) => gradient ?? null) };
}

/**
 * Must be called by gradients that are not made of recorded ops. TensorFlow.js would treat them as constants, and a
 * gradient of a gradient would silently lack a term.
 * @throws Error when such a gradient is requested
 */
export function refuseSecondOrder(op: string): void {
  if (tf.engine().isTapeOn())
    throw new Error(
      `${op} has no gradient of its gradient: compute the inner gradient outside of the differentiated function.`,
    );
}
