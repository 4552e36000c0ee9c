/** Moves images across the teacher's decision boundary. */
import { TapedPass } from '../../../engine/taped-pass';
import { tf, type Tensor, type Tensor2D } from '../../../engine/tf';
import { topClass } from './select';

export interface AttackOptions {
  steps: number;
  /** Share of the way to the boundary per step. */
  eta: number;
  /** Lowest and highest value of an input, broadcast to [n,...]. */
  low: Tensor;
  high: Tensor;
}

/** Keeps an image that lies on the boundary moving. */
const beyond = 1e-4;

/**
 * Each image moves along the gradient of (z_k - z_b) until the teacher's top class is no longer the one it began with.
 * Must not run inside a differentiated function (`untaped`).
 * @param logitsOf the teacher, differentiable @param inputs [n,...] @param towards one-hot [n,C] of the classes k
 * @returns the moved inputs, in the caller's tidy. Source: Heo et al. 2019, the authors' code.
 */
export function attack(
  logitsOf: (inputs: Tensor) => Tensor,
  inputs: Tensor,
  towards: Tensor2D,
  { steps, eta, low, high }: AttackOptions,
): Tensor {
  let moved = inputs;
  let base: Tensor2D | null = null;
  const perImage = [inputs.shape[0]!, ...inputs.shape.slice(1).map(() => 1)];
  for (let step = 0; step < steps; step++) {
    const from = moved;
    const pass = new TapedPass(() => logitsOf(from) as Tensor2D);
    const top = topClass(pass.value);
    base ??= top;
    const way = tf.sub(towards, base);
    const { value, gradients } = pass.gradientsOf((logits) => tf.sum(tf.mul(logits, way)), [from]);
    value.dispose();
    const gap = tf.neg(tf.sum(tf.mul(pass.value, way), 1));
    const still = tf.sum(tf.mul(top, base), 1);
    pass.dispose();
    const gradient = gradients[0]!;
    const axes = inputs.shape.slice(1).map((_, axis) => axis + 1);
    const length = tf.sqrt(tf.maximum(tf.sum(tf.square(gradient), axes), 1e-24));
    const stride = tf.div(tf.mul(tf.add(gap, beyond), eta), length);
    const next = tf.maximum(
      tf.minimum(tf.add(from, tf.mul(tf.reshape(stride, perImage), gradient)), high),
      low,
    );
    // Images that have crossed stay as they are, to the bit.
    const moving = tf.reshape(still, perImage);
    moved = tf.add(tf.mul(next, moving), tf.mul(from, tf.sub(1, moving)));
  }
  return moved;
}
