import { tf, type Tensor } from './tf';

/**
 * Computes outside of the gradient that is being recorded, so that `compute` may take gradients of its own. What it
 * returns is a constant for the outer gradient; unlike in `constantOf`, its ops are ordinary ones.
 * @param compute returns tensors, in plain objects or arrays; they belong to the caller's tidy, all others are disposed
 */
export function untaped<T extends Record<string, Tensor>>(compute: () => T): T {
  const { state } = tf.engine();
  const { activeTape, gradientDepth } = state;
  state.gradientDepth = 0;
  try {
    return tf.tidy(compute);
  } finally {
    state.activeTape = activeTape;
    state.gradientDepth = gradientDepth;
  }
}
