import { tf } from './tf';

/**
 * Computes constants inside a differentiated function, gradients of their own among them: what runs here is on no tape, so
 * nothing differentiates through it. (`constantOf` is for values without gradients.) Results belong to the caller's tidy.
 */
export function detached<T extends tf.TensorContainer>(compute: () => T): T {
  const { state } = tf.engine();
  const { gradientDepth, kernelDepth, activeTape } = state;
  Object.assign(state, { gradientDepth: 0, kernelDepth: 0 });
  try {
    return tf.tidy(compute);
  } finally {
    Object.assign(state, { gradientDepth, kernelDepth, activeTape });
  }
}
