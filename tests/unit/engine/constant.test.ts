/** What counts as a constant, inside a gradient. */
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { constantOf } from '../../../src/engine/constant';
import { gradientsOf } from '../../../src/engine/gradients';
import { tf, type Scalar } from '../../../src/engine/tf';

let before = 0;
beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

it('has its value, and no gradient flows through it', () => {
  const x = tf.tensor1d([1, 2, 3]);
  const { value, gradients } = gradientsOf(
    () =>
      tf.sum<Scalar>(
        tf.mul(
          x,
          constantOf(() => tf.square(x)),
        ),
      ),
    [x],
  );
  expect(value.dataSync()[0]).toBe(36);
  expect([...gradients[0]!.dataSync()]).toEqual([1, 4, 9]);
  tf.dispose([x, value, gradients[0]!]);
});

it('may use what has no gradient', () => {
  const x = tf.tensor1d([1, -2, 3]);
  const positive = () => tf.cast(tf.greater(x, 0), 'float32');
  const { value, gradients } = gradientsOf(
    () => tf.sum<Scalar>(tf.mul(tf.square(x), constantOf(positive))),
    [x],
  );
  expect([...gradients[0]!.dataSync()].map((slope) => slope + 0)).toEqual([2, 0, 6]);
  tf.dispose([x, value, gradients[0]!]);
});

it('asks for nothing to be trained where all of a loss is constant', () => {
  const x = tf.tensor1d([1, 2]);
  const { value, gradients } = gradientsOf(() => constantOf(() => tf.sum<Scalar>(x)), [x]);
  expect(gradients).toEqual([null]);
  tf.dispose([x, value]);
});
