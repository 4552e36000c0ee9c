import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { tf, type Tensor, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { weighted } from './table-case';

/**
 * The ops that losses of the field are written in, each with its gradient. A backend that lacks a kernel fails here and
 * not in the middle of somebody's run. Maps are [2,4,4,3].
 */
const onMaps: Record<string, (x: Tensor4D) => Tensor> = {
  'softmax and log softmax': (x) => tf.mul(tf.softmax(x), tf.logSoftmax(x)),
  'sigmoid, tanh, softplus': (x) => tf.add(tf.mul(tf.sigmoid(x), tf.tanh(x)), tf.softplus(x)),
  'relu, leaky relu, elu': (x) => tf.add(tf.add(tf.relu(x), tf.leakyRelu(x)), tf.elu(x)),
  'exp, log, sqrt, rsqrt': (x) => {
    const positive = tf.add(tf.exp(x), 1);
    return tf.add(tf.add(tf.log(positive), tf.sqrt(positive)), tf.rsqrt(positive));
  },
  'abs, square, power, reciprocal': (x) =>
    tf.add(tf.add(tf.abs(x), tf.pow(tf.add(tf.square(x), 1), 1.5)), tf.reciprocal(tf.add(tf.square(x), 1))),
  'maximum, minimum, clip': (x) =>
    tf.add(tf.maximum(x, 0.3), tf.mul(tf.minimum(x, 0.1), tf.clipByValue(x, -1, 1))),
  'squared difference, division': (x) => tf.div(tf.squaredDifference(x, 0.5), tf.add(tf.square(x), 2)),
  'sums and means over some axes': (x) => tf.add(tf.sum(x, [1, 2]), tf.mean(tf.mul(x, x), [1, 2])),
  'largest value': (x) => tf.max(tf.reshape(x, [2, -1]), 1),
  'norm over an axis': (x) => tf.norm(x, 'euclidean', -1),
  'transpose, reshape, slice': (x) =>
    tf.slice(tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [6, 16]), [1, 2], [3, 5]),
  'concatenate, stack, unstack, pad, tile': (x) => {
    const [first, second] = tf.unstack(x) as [Tensor, Tensor];
    const padded = tf.pad(tf.stack([first, second, first]) as Tensor4D, [
      [0, 0],
      [1, 0],
      [0, 2],
      [0, 0],
    ]);
    return tf.tile(tf.concat([padded, padded], 3), [1, 2, 1, 1]);
  },
  'reverse and cumulative sum': (x) => tf.cumsum(tf.reverse(x, 3), 3),
  'products of matrices, batched and transposed': (x) => {
    const rows = tf.reshape(x, [2, 16, 3]);
    const gram = tf.matMul(rows, rows, true, false);
    return tf.add(gram, tf.matMul(gram, gram, false, true));
  },
  'pairwise distances': (x) => {
    const rows = tf.reshape(x, [4, 24]);
    const squares = tf.sum(tf.square(rows), 1, true);
    const dots = tf.matMul(rows as Tensor2D, rows as Tensor2D, false, true);
    return tf.maximum(tf.sub(tf.add(squares, tf.transpose(squares)), tf.mul(dots, 2)), 0);
  },
  'selection by one-hot rows': (x) => {
    const rows = tf.reshape(x, [32, 3]);
    const chosen = tf.oneHot(
      tf.tensor1d(
        Array.from({ length: 32 }, (_, i) => i % 3),
        'int32',
      ),
      3,
    );
    return tf.sum(tf.mul(rows, chosen), 1);
  },
  'average and maximum pooling': (x) => tf.add(tf.avgPool(x, 2, 2, 'valid'), tf.maxPool(x, 2, 2, 'valid')),
  'overlapping average pooling': (x) => tf.avgPool(x, 3, 1, 'same'),
  // Not in the list, because TensorFlow.js gets their gradients wrong: nearest-neighbour resizing (on cpu, with more
  // than one image) and bilinear resizing with half-pixel centres (everywhere).
  'bilinear resizing': (x) => tf.image.resizeBilinear(x, [8, 8]),
  'masks by step': (x) => tf.mul(x, tf.step(tf.sub(x, 0.2))),
  'choice by a constant mask': (x) => tf.where(tf.greater(tf.ones(x.shape), 0), x, tf.zerosLike(x)),
};

const values = Float32Array.from({ length: 96 }, (_, i) => 1.5 * Math.sin(12.9898 * (i + 1)));

async function gradient(f: (x: Tensor4D) => Tensor): Promise<Float32Array> {
  const before = tf.memory().numTensors;
  const found = tf.tidy(() =>
    tf.grad((x: Tensor) => weighted(f(x as Tensor4D)))(tf.tensor4d(values, [2, 4, 4, 3])),
  );
  const numbers = await found.data<'float32'>();
  found.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return numbers;
}

const names = Object.keys(onMaps);
const reference = new Map<string, Float32Array>();

beforeAll(async () => {
  await chooseBackend('cpu');
  for (const name of names) reference.set(name, await gradient(onMaps[name]!));
});

describe.each(['wasm', 'webgpu'] as const)('gradients on %s', (backend) => {
  beforeAll(async () => {
    await chooseBackend(backend);
    // Tensors as small as these would be computed on the processor.
    if (backend === 'webgpu') tf.env().set('WEBGPU_CPU_FORWARD', false);
  });
  afterAll(() => {
    if (backend === 'webgpu') tf.env().set('WEBGPU_CPU_FORWARD', true);
  });

  test.each(names)('%s', async (name) => {
    const work = () => gradient(onMaps[name]!);
    const found = await (backend === 'webgpu' ? withValidation(work) : work());
    const expected = reference.get(name)!;
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    found.forEach((value, i) =>
      expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1e-5 + 1e-4 * largest),
    );
  });
});
