/** Functions, comparisons, choices and picked rows of `src/engine/wasm/assembly`, against TensorFlow.js's cpu backend. */
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { adaptiveAveragePool, nearestResize } from '../../../src/distill/hints/resample';
import { putRows } from '../../../src/engine/in-place';
import { runFused } from '../../../src/engine/fused-ops';
import { tf, type Tensor, type Tensor4D } from '../../../src/engine/tf';
import { expectSameGradients, expectSameValues, numbers } from '../../support/cpu-and-wasm';
import { useWasm } from '../../support/wasm-in-node';

beforeAll(useWasm);

/** What they are at the limits of numbers; both backends in float32. */
async function atLimits(f: (x: Tensor) => Tensor, values: number[]): Promise<[number[], number[]]> {
  const found: number[][] = [];
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    const result = tf.tidy(() => f(tf.tensor1d(values)));
    found.push([...(await result.data())]);
    result.dispose();
  }
  return found as [number[], number[]];
}

const positive = (x: Tensor) => tf.add(tf.abs(x), 0.01);

test.each([
  ['exp', (x: Tensor) => tf.exp(x)],
  ['log', (x: Tensor) => tf.log(positive(x))],
  ['log1p', (x: Tensor) => tf.log1p(positive(x))],
  ['sqrt', (x: Tensor) => tf.sqrt(positive(x))],
  ['neg, abs', (x: Tensor) => tf.neg(tf.abs(x))],
  ['sigmoid', (x: Tensor) => tf.sigmoid(x)],
  ['softmax', (x: Tensor) => tf.softmax(x)],
  ['max', (x: Tensor) => tf.max(x, 1, true)],
  ['min and max of pairs', (x: Tensor) => tf.maximum(tf.minimum(x, 0.5), tf.mul(x, -1))],
] as const)('%s, with gradients', async (_, f) => {
  const x = numbers([5, 11]);
  await expectSameValues(() => f(tf.mul(tf.tensor(x.values, x.shape), 4)));
  await expectSameGradients([x], f);
});

test('functions at the limits of numbers', async () => {
  const odd = [NaN, Infinity, -Infinity, 0, -1, 1e-38, 3e38];
  for (const f of [tf.exp, tf.log, tf.sqrt, tf.sigmoid, tf.isFinite, (x: Tensor) => tf.step(x, 0.25)]) {
    const [reference, found] = await atLimits((x) => f(x), odd);
    reference.forEach((value, n) =>
      Number.isFinite(value)
        ? expect(found[n]).toBeCloseTo(value, 5)
        : expect(found[n], `${f.name} of ${odd[n]}`).toBe(value),
    );
  }
  // The cpu backend has it only in double precision.
  const [, logarithms] = await atLimits(tf.log1p, [-1, 1e-7, 0, Infinity, NaN]);
  expect(logarithms[1]).toBeCloseTo(1e-7, 13);
  expect(logarithms.toSpliced(1, 1)).toEqual([-Infinity, 0, Infinity, NaN]);
});

test('powers of any base', async () => {
  const bases = [0.9, 2, 1.0001, 0, -2, -2, -1.5, 1e-20, 7, Infinity, 0, NaN];
  const exponents = [37, 0.5, 5000, 3, 3, 4, 0.5, -1, 0, -2, -1, 1];
  const [reference, found] = await atLimits((x) => tf.pow(x, tf.tensor1d(exponents)), bases);
  reference.forEach((value, n) =>
    Number.isFinite(value) && value !== 0
      ? expect(found[n]! / value).toBeCloseTo(1, 5)
      : expect(found[n], `${bases[n]} to the ${exponents[n]}`).toBe(value),
  );
  await expectSameValues(() => tf.pow(tf.scalar(0.9), tf.tensor1d([0, 1, 5, 80])));
});

test('comparisons, choices, and labels as numbers', async () => {
  const [a, b] = [numbers([4, 7]), numbers([4, 7])];
  const [x, y] = [() => tf.tensor(a.values, a.shape), () => tf.tensor(b.values, b.shape)];
  for (const compare of [tf.greater, tf.greaterEqual, tf.equal, tf.less]) {
    await expectSameValues(() => tf.cast(compare(x(), y()), 'float32'));
    await expectSameValues(() => tf.where(compare(x(), tf.scalar(0.2)), x(), y()));
  }
  await expectSameValues(() => tf.where(tf.logicalAnd(tf.greater(x(), 0), tf.greater(y(), 0)), x(), y()));
  await expectSameValues(() => tf.where(tf.logicalAnd(tf.greater(x(), 0), tf.scalar(true)), x(), y()));
  await expectSameValues(() => tf.zerosLike(x()));
});

test('parts along several axes, repetition, padding, and rows put into a table', async () => {
  const a = numbers([4, 5, 3, 2]);
  const x = () => tf.tensor(a.values, a.shape);
  await expectSameValues(() => tf.slice(x(), [1, 2, 0, 1], [2, 3, 2, 1]));
  await expectSameValues(() => tf.tile(tf.slice(x(), [0, 0, 0, 0], [4, 1, 3, 1]), [1, 4, 1, 3]));
  await expectSameValues(() => tf.tile(x(), [2, 1, 1, 1]));
  for (const paddings of [
    [
      [0, 0],
      [1, 2],
      [0, 0],
      [0, 0],
    ],
    [
      [0, 0],
      [0, 0],
      [1, 1],
      [0, 3],
    ],
  ] as [number, number][][])
    await expectSameValues(() => tf.pad(x(), paddings, 0.5));
  const rows = () => tf.tensor2d([3, 0], [2, 1], 'int32');
  await expectSameValues(() =>
    tf.tensorScatterUpdate(x(), rows(), tf.slice(x(), [1, 0, 0, 0], [2, 5, 3, 2])),
  );
  await expectSameValues(() => {
    const table = tf.variable(tf.reshape(x(), [20, 6]), false);
    putRows(table, tf.tensor1d([7, 2], 'int32'), tf.ones([2, 6]));
    const result = table.clone();
    table.dispose();
    return result;
  });
});

test.each([
  [8, 4],
  [4, 8],
  [7, 3],
  [3, 7],
  [5, 1],
] as const)('maps of side %i resampled to %i, with gradients', async (from, to) => {
  for (const channels of [3, 8]) {
    const x = numbers([2, from, from + 1, channels]);
    for (const resample of [adaptiveAveragePool, nearestResize])
      await expectSameGradients([x], (maps) => resample(maps as Tensor4D, to, to));
  }
});

test('batches of small products, with a factor transposed', async () => {
  for (const [transposeA, transposeB] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    const [a, b] = [numbers(transposeA ? [3, 5, 2] : [3, 2, 5]), numbers(transposeB ? [3, 7, 5] : [3, 5, 7])];
    await expectSameGradients([a, b], (x, y) => tf.matMul(x, y, transposeA, transposeB));
  }
});

test.each([
  [16, 9],
  [7, 4],
] as const)('products with picked rows of width %i', async (width, count) => {
  const [x, table] = [numbers([3, width]), numbers([12, width])];
  const picks = Int32Array.from({ length: 3 * count }, (_, n) => (5 * n) % 12);
  await expectSameGradients([x], (anchors) => {
    const rows = tf.tensor2d(table.values, [12, width]);
    const numbersOf = tf.tensor2d(picks, [3, count], 'int32');
    if (tf.getBackend() === 'wasm')
      return runFused('RetortPickedProducts', { x: anchors, table: rows, numbers: numbersOf })[0]!;
    const chosen = tf.reshape(tf.gather(rows, tf.reshape(numbersOf, [-1])), [3, count, width]);
    return tf.squeeze(tf.matMul(chosen, tf.expandDims(anchors, 2)), [2]);
  });
});
