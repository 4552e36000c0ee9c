import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { batchNormEvaluation, batchNormTraining } from '../../../src/engine/batch-norm';
import { affine, channelMeans, globalAverage } from '../../../src/engine/channelwise';
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../src/engine/tf';
import { RandomStream } from '../../../src/random/streams';

const random = RandomStream.fork(1, 'channelwise');

let before = 0;
beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

function normal(shape: number[], mean = 0): Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => mean + random.normal()),
    shape,
  );
}

/** Expects the same value and the same gradients of two functions at the same place. */
async function expectEqual(
  inputs: Tensor[],
  f: (...xs: Tensor[]) => Tensor,
  reference: (...xs: Tensor[]) => Tensor,
): Promise<void> {
  const weighted =
    (g: typeof f) =>
    (...xs: Tensor[]) => {
      const y = g(...xs);
      return tf.sum(tf.mul(y, tf.reshape(tf.cos(tf.range(0, y.size)), y.shape)));
    };
  const [found, expected] = [f, reference].map((g) =>
    tf.tidy(() => {
      const { value, grads } = tf.valueAndGrads(weighted(g))(inputs);
      return [g(...inputs), value, ...grads];
    }),
  );
  for (const [i, tensor] of found!.entries()) {
    const [a, b] = [await tensor.data<'float32'>(), await expected![i]!.data<'float32'>()];
    expect(tensor.shape).toEqual(expected![i]!.shape);
    const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const off = a.findIndex((value, j) => !(Math.abs(value - b[j]!) <= 2e-5 * (1 + largest)));
    expect(off < 0 ? null : { place: off, found: a[off], wanted: b[off] }).toBeNull();
  }
  tf.dispose([...found!, ...expected!]);
}

/** Batch norm as the papers write it, differentiated op by op. */
function composedNorm(x: Tensor, scale: Tensor, offset: Tensor): Tensor {
  const axes = x.shape.slice(1).map((_, axis) => axis);
  const { mean, variance } = tf.moments(x, axes);
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), scale), offset);
}

test.each([[[4, 3, 5, 6]], [[7, 6]], [[2, 1, 1, 6]]])('batch norm over %j', async (shape) => {
  // A mean far from zero shows cancellation.
  const inputs = [normal(shape, 30), normal([6]), normal([6])];
  await expectEqual(
    inputs,
    (x, s, o) => batchNormTraining(x!, s!, o!),
    (x, s, o) => composedNorm(x!, s!, o!),
  );
  tf.dispose(inputs);
});

test('batch norm hands out the mean and the unbiased variance of its batch', async () => {
  const x = normal([4, 3, 5, 6], 3);
  const seen: Tensor1D[] = [];
  const one = tf.ones([6]);
  tf.dispose(tf.tidy(() => batchNormTraining(x, one, one, (...statistics) => seen.push(...statistics))));
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const expected = [await mean.data(), (await variance.data()).map((value) => (value * 60) / 59)];
  for (const [i, statistic] of seen.entries())
    (await statistic.data()).forEach((value, c) => expect(value).toBeCloseTo(expected[i]![c]!, 5));
  tf.dispose([x, one, mean, variance, ...seen]);
});

test('batch norm with given statistics', async () => {
  const variance = tf.tidy(() => tf.add(tf.abs(normal([6])), 0.1));
  const inputs = [normal([4, 3, 5, 6]), normal([6]), normal([6]), normal([6]), variance];
  await expectEqual(
    inputs,
    (x, s, o, m, v) => batchNormEvaluation(x!, s!, o!, m!, v!),
    (x, s, o, m, v) => tf.add(tf.mul(tf.div(tf.sub(x!, m!), tf.sqrt(tf.add(v!, 1e-5))), s!), o!),
  );
  tf.dispose(inputs);
});

test.each([[[4, 3, 5, 6]], [[7, 6]]])('scaling and averaging channels of %j', async (shape) => {
  const inputs = [normal(shape), normal([6]), normal([6])];
  await expectEqual(
    inputs,
    (x, s, o) => affine(x!, s!, o!),
    (x, s, o) => tf.add(tf.mul(x!, s!), o!),
  );
  const means = tf.tidy(() => [channelMeans(inputs[0]!), tf.mean(tf.reshape(inputs[0]!, [-1, 6]), 0)]);
  const [found, expected] = await Promise.all(means.map((tensor) => tensor.data()));
  found!.forEach((value, c) => expect(value).toBeCloseTo(expected![c]!, 5));
  tf.dispose([...inputs, ...means]);
});

test('global average', async () => {
  const x = normal([3, 4, 5, 6]);
  await expectEqual(
    [x],
    (map) => globalAverage(map as Tensor4D),
    (map) => tf.mean(map!, [1, 2]),
  );
  x.dispose();
});
