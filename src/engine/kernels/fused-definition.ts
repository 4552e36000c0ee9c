import type { tf } from '../tf';
import type { RetortBackend } from '../webgpu-backend';

export interface Attributes {
  /** Attention: the exponent. */
  p: number;
}

/** What a fused op is (see `fused-ops.ts`). */
export interface Definition {
  /** In the order in which `forward` receives them; left out: any number of them, named by number, none saved. */
  inputs?: readonly string[];
  /** What `gradients` receives: inputs by name (all, if left out), then outputs by number (none, if left out). */
  saves?: { inputs?: readonly string[]; outputs?: readonly number[] };
  forward: (backend: RetortBackend, inputs: tf.TensorInfo[], attributes: Attributes) => tf.TensorInfo[];
  /** How many outputs there are, if it is not one. */
  outputs?: number;
  /** Per input how its gradient is made, once it is asked for; an input left out is a constant. */
  gradients: (dy: tf.Tensor, saved: tf.Tensor[], attributes: Attributes) => Record<string, () => tf.Tensor>;
}
