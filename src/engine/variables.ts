import { tf } from './tf';

/** Makes names unique, because TensorFlow.js registers variables by name and two runs may exist at once. */
let created = 0;

/** Values of variables, in order. */
export async function readVariables(variables: readonly tf.Variable[]): Promise<Float32Array[]> {
  return Promise.all(variables.map(async (variable) => Float32Array.from(await variable.data<'float32'>())));
}

/** Writes the result of `readVariables` to variables of the same shapes. */
export function writeVariables(variables: readonly tf.Variable[], values: readonly Float32Array[]): void {
  variables.forEach((variable, i) => tf.tidy(() => variable.assign(tf.tensor(values[i]!, variable.shape))));
}

/** A variable with the first value that `first` returns; other tensors made by `first` are disposed. */
export function variableOf(first: () => tf.Tensor, trainable: boolean, name: string): tf.Variable {
  return tf.tidy(() => tf.variable(first(), trainable, `${name}#${++created}`));
}
