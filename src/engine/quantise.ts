/**
 * Rounding of kernels and activations to few levels, with straight-through gradients: rounding counts as the identity, and
 * a clip passes gradients only inside its range. Mishra and Marr 2018 (Apprentice); rules and gradients as in
 * IntelLabs/distiller d859fc8, but WRPN with the paper's 2^(bits-1) - 1 steps.
 */
import type { WeightRounding } from './ops';
import { tf } from './tf';

/**
 * A kernel as a layer in low precision uses it.
 * @param kernel of any shape, differentiable
 * @returns in the same shape
 */
export function roundedWeights(kernel: tf.Tensor, { rule, bits }: WeightRounding): tf.Tensor {
  switch (rule) {
    case 'wrpn':
      return wrpnWeights(kernel, bits);
    case 'scaled':
      return scaledWeights(kernel, bits);
    case 'dorefa':
      return bits === 1 ? signWeights(kernel) : dorefaWeights(kernel, bits);
  }
}

/**
 * round((2^bits - 1) clip(x, 0, 1)) / (2^bits - 1), ties to even.
 * @param x of any shape, differentiable
 */
export function roundedActivation(x: tf.Tensor, bits: number): tf.Tensor {
  return roundedBetween(x, 0, 2 ** bits - 1);
}

/** Levels at n steps a unit between `low` and 1. */
function roundedBetween(x: tf.Tensor, low: number, n: number): tf.Tensor {
  const op = tf.customGrad((given, save) => {
    (save as (tensors: tf.Tensor[]) => void)([given as tf.Tensor]);
    return {
      value: onGrid(tf.clipByValue(given as tf.Tensor, low, 1), n),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, isBetween(saved[0]!, low, 1)),
    };
  });
  return op(x);
}

/** Multiples of 1/n. TensorFlow.js rounds ties to even, as the reference does. */
function onGrid(x: tf.Tensor, n: number): tf.Tensor {
  return tf.div(tf.round(tf.mul(x, n)), n);
}

/** 1 inside of the range and on its ends, 0 outside. */
function isBetween(x: tf.Tensor, low: number, high: number): tf.Tensor {
  return tf.cast(tf.logicalAnd(tf.greaterEqual(x, low), tf.lessEqual(x, high)), 'float32');
}

function wrpnWeights(kernel: tf.Tensor, bits: number): tf.Tensor {
  return roundedBetween(kernel, -1, 2 ** (bits - 1) - 1);
}

/** Smallest scale, so that a kernel of zeros stays one. */
const least = 1e-12;

/** s * wrpn(kernel / s) with s = max |kernel|, a constant: nothing is clipped, so the gradient passes as it is. */
function scaledWeights(kernel: tf.Tensor, bits: number): tf.Tensor {
  const op = tf.customGrad((given) => {
    const scale = tf.maximum(tf.max(tf.abs(given as tf.Tensor)), least);
    return {
      value: tf.mul(onGrid(tf.div(given as tf.Tensor, scale), 2 ** (bits - 1) - 1), scale),
      gradFunc: (dy: tf.Tensor) => dy.clone(),
    };
  });
  return op(kernel);
}

/**
 * 2 round(n u) / n - 1 with u = t / (2 max |t|) + 1/2, t = tanh(kernel), n = 2^bits - 1. The gradient flows through the tanh
 * and through the largest |t|.
 */
function dorefaWeights(kernel: tf.Tensor, bits: number): tf.Tensor {
  const n = 2 ** bits - 1;
  const op = tf.customGrad((given, save) => {
    const t = tf.tanh(given as tf.Tensor);
    const most = tf.maximum(tf.max(tf.abs(t)), least);
    (save as (tensors: tf.Tensor[]) => void)([t, most]);
    const u = tf.add(tf.div(t, tf.mul(most, 2)), 0.5);
    return {
      value: tf.sub(tf.mul(onGrid(u, n), 2), 1),
      // Up to rounding the value is t / most.
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [of, largest] = saved as [tf.Tensor, tf.Tensor];
        const isLargest = tf.cast(tf.greaterEqual(tf.abs(of), largest), 'float32');
        const share = tf.div(tf.mul(isLargest, tf.sign(of)), tf.maximum(tf.sum(isLargest), 1));
        const ofLargest = tf.div(tf.sum(tf.mul(dy, of)), tf.square(largest));
        const ofTanh = tf.sub(tf.div(dy, largest), tf.mul(share, ofLargest));
        return tf.mul(ofTanh, tf.sub(1, tf.square(of)));
      },
    };
  });
  return op(kernel);
}

/** sign(kernel) * mean |kernel| with sign(0) = 1; the gradient passes as it is. */
function signWeights(kernel: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((given) => {
    const sign = tf.sub(tf.mul(tf.cast(tf.greaterEqual(given as tf.Tensor, 0), 'float32'), 2), 1);
    return {
      value: tf.mul(sign, tf.mean(tf.abs(given as tf.Tensor))),
      gradFunc: (dy: tf.Tensor) => dy.clone(),
    };
  });
  return op(kernel);
}
