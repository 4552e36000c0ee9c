import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import { expect, test } from 'vitest';

test('TensorFlow.js is loaded once: the gradients and the backend are known to the engine that is imported', async () => {
  await tf.setBackend('cpu');
  const gradient = tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([1, 2, 3]));
  expect([...(await gradient.data())]).toEqual([2, 4, 6]);
});
