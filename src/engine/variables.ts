import { tf } from './tf';

/** TensorFlow.js registers variables by name, so two runs side by side (one only inspected) need different ones. */
let created = 0;

/** A variable with the first value that `first` makes; nothing but the variable is left behind. */
export function variableOf(first: () => tf.Tensor, trainable: boolean, name: string): tf.Variable {
  return tf.tidy(() => tf.variable(first(), trainable, `${name}#${++created}`));
}
