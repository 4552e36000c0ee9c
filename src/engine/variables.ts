import { tf } from './tf';

/** TensorFlow.js registers variables by name, so two runs side by side (one only inspected) need different ones. */
let created = 0;

/** Numbers of variables, in their order. */
export async function readVariables(variables: readonly tf.Variable[]): Promise<Float32Array[]> {
  return Promise.all(variables.map(async (variable) => Float32Array.from(await variable.data<'float32'>())));
}

/** Takes back what `readVariables` gave for variables of the same make. */
export function writeVariables(variables: readonly tf.Variable[], values: readonly Float32Array[]): void {
  variables.forEach((variable, i) => tf.tidy(() => variable.assign(tf.tensor(values[i]!, variable.shape))));
}

/** A variable with the first value that `first` makes; nothing but the variable is left behind. */
export function variableOf(first: () => tf.Tensor, trainable: boolean, name: string): tf.Variable {
  return tf.tidy(() => tf.variable(first(), trainable, `${name}#${++created}`));
}
