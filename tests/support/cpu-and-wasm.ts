/** Ops on WebAssembly against TensorFlow.js's cpu backend. Both must be registered. */
import { expect } from 'vitest';
import { tf, type Tensor } from '../../src/engine/tf';
import { RandomStream } from '../../src/random/streams';

const random = RandomStream.fork(1, 'cpu-and-wasm');

export interface Numbers {
  shape: number[];
  values: Float32Array;
}

export function numbers(shape: number[]): Numbers {
  const size = shape.reduce((product, side) => product * side, 1);
  return { shape, values: Float32Array.from({ length: size }, () => random.normal()) };
}

/** Gradients of f's output, weighted with a fixed pattern, on one backend. */
async function gradients(
  backend: string,
  inputs: Numbers[],
  f: (...tensors: Tensor[]) => Tensor,
): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const tensors = inputs.map(({ shape, values }) => tf.tensor(values, shape));
  const loss = (...xs: Tensor[]) => {
    const y = f(...xs);
    return tf.sum(tf.mul(y, tf.reshape(tf.cos(tf.range(0, y.size)), y.shape)));
  };
  const found = tf.tidy(() => tf.grads(loss)(tensors));
  const arrays = await Promise.all(found.map((gradient) => gradient.data<'float32'>()));
  tf.dispose([...tensors, ...found]);
  expect(tf.memory().numTensors).toBe(before);
  return arrays;
}

export async function expectSameGradients(
  inputs: Numbers[],
  f: (...tensors: Tensor[]) => Tensor,
): Promise<void> {
  const reference = await gradients('cpu', inputs, f);
  const found = await gradients('wasm', inputs, f);
  reference.forEach((array, i) => {
    const largest = array.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const distance = array.reduce((most, value, j) => Math.max(most, Math.abs(value - found[i]![j]!)), 0);
    expect(distance).toBeLessThanOrEqual(1e-5 * (1 + largest));
  });
}

/** Values of an op on both backends; integers must be equal. */
export async function expectSameValues(f: () => Tensor): Promise<void> {
  const values: (Float32Array | Int32Array)[] = [];
  const shapes: number[][] = [];
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    const result = tf.tidy(f);
    shapes.push(result.shape);
    values.push((await result.data()) as Float32Array);
    result.dispose();
  }
  expect(shapes[1]).toEqual(shapes[0]);
  const distances = [...values[0]!].map(
    (value, i) => Math.abs(value - values[1]![i]!) / (1 + Math.abs(value)),
  );
  expect(Math.max(...distances)).toBeLessThanOrEqual(values[0] instanceof Int32Array ? 0 : 2e-5);
}
