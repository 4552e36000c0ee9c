import { tf } from './tf';

/**
 * Value of `f` and its gradients with respect to each of `xs` (variables or plain tensors), which `f` must use as they
 * are. A gradient is null where `f` does not depend on that x.
 *
 * Ownership: `value` and `gradients` belong to the caller, who disposes them (or returns them through `tf.tidy`).
 * All other tensors made in `f` are disposed here, save those passed to `tf.keep`. Throws when an op inside `f` that
 * leads from an x to the value has no gradient.
 */
export function gradientsOf(
  f: () => tf.Scalar,
  xs: tf.Tensor[],
): { value: tf.Scalar; gradients: (tf.Tensor | null)[] } {
  // Unlike tf.grads and tf.variableGrads this call neither forbids unused inputs nor looks at the global variables.
  const { value, grads } = tf.engine().gradients(f, xs, undefined, true);
  return { value, gradients: grads.map((gradient: tf.Tensor | undefined) => gradient ?? null) };
}

/**
 * To be called by gradients that are no tape of ops: TensorFlow.js would take them for constants, and a gradient of a
 * gradient would lack a part without a word.
 * @throws Error where such a gradient is wanted
 */
export function refuseSecondOrder(op: string): void {
  if (tf.engine().isTapeOn())
    throw new Error(
      `${op} has no gradient of its gradient: compute the inner gradient outside of the differentiated function.`,
    );
}
