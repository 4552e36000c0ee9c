import type { tf } from '../tf';
import type { RetortBackend } from '../webgpu-backend';

export interface Attributes {
  /** Attention: the exponent. */
  p: number;
}

/** Definition of a fused op (see `fused-ops.ts`). */
export interface Definition {
  /**
   * In the order in which `forward` receives them. If left out: any number of inputs, named by number, none saved.
   */
  inputs?: readonly string[];
  /** What `gradients` receives: inputs by name (default: all), then outputs by number (default: none). */
  saves?: { inputs?: readonly string[]; outputs?: readonly number[] };
  forward: (backend: RetortBackend, inputs: tf.TensorInfo[], attributes: Attributes) => tf.TensorInfo[];
  /** Number of outputs; default 1. */
  outputs?: number;
  /** Gradient of each input, computed on demand; inputs without one are constants. */
  gradients: (dy: tf.Tensor, saved: tf.Tensor[], attributes: Attributes) => Record<string, () => tf.Tensor>;
}
