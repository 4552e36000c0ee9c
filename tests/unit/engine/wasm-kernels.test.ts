/** The training kernels that TensorFlow.js lacks on WebAssembly, in all geometries, against its cpu backend. */
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, test } from 'vitest';
import { tf, type Tensor, type Tensor4D } from '../../../src/engine/tf';
import { expectSameGradients, expectSameValues, numbers } from '../../support/cpu-and-wasm';
import { useWasm } from '../../support/wasm-in-node';

beforeAll(useWasm);

const strides = [1, 2, 3];
const kernels = [1, 2, 3, 4];
const paddings = [0, 1, 2, 'same'] as const;
const geometries = strides.flatMap((stride) =>
  kernels.flatMap((kernel) => paddings.map((padding) => ({ stride, kernel, padding }))),
);

const sides = [
  [8, 8],
  [5, 7],
] as const;

test.each(geometries)(
  'convolution: kernel $kernel, stride $stride, padding $padding',
  async ({ stride, kernel, padding }) => {
    for (const [height, width] of sides)
      // Four of six images, and channels in fours, have kernels of their own.
      for (const [images, channels, units] of [
        [3, 2, 5],
        [6, 4, 10],
      ] as const)
        await expectSameGradients(
          [numbers([images, height, width, channels]), numbers([kernel, kernel, channels, units])],
          (x, filter) => tf.conv2d(x as Tensor4D, filter as Tensor4D, stride, padding),
        );
  },
);

test('convolution of 3x3 by tiles of 2x2, of images of 2x2, with images left over and a bias', async () => {
  for (const [images, height, width, channels, units] of [
    [4, 2, 2, 8, 16],
    [9, 2, 2, 16, 8],
    [5, 4, 6, 8, 8],
    [8, 8, 4, 24, 16],
    // Several groups of tiles each.
    [12, 16, 16, 16, 8],
    [66, 2, 2, 64, 40],
  ] as const)
    await expectSameGradients(
      [numbers([images, height, width, channels]), numbers([3, 3, channels, units])],
      (x, filter) => tf.conv2d(x as Tensor4D, filter as Tensor4D, 1, 'same'),
    );
});

test.each(geometries)(
  'depthwise convolution: kernel $kernel, stride $stride, padding $padding',
  async ({ stride, kernel, padding }) => {
    for (const [height, width] of sides)
      await expectSameGradients(
        [numbers([3, height, width, 5]), numbers([kernel, kernel, 5, 1])],
        (x, filter) => tf.depthwiseConv2d(x as Tensor4D, filter as Tensor4D, stride, padding),
      );
  },
);

test.each([
  { kernel: 4, stride: 2, padding: 1, side: 10 },
  { kernel: 3, stride: 1, padding: 1, side: 5 },
  { kernel: 3, stride: 2, padding: 0, side: 11 },
])('transposed convolution: kernel $kernel, stride $stride', async ({ kernel, stride, padding, side }) => {
  await expectSameGradients([numbers([3, 5, 5, 4]), numbers([kernel, kernel, 3, 4])], (x, filter) =>
    tf.conv2dTranspose(x as Tensor4D, filter as Tensor4D, [3, side, side, 3], stride, padding),
  );
});

test.each([
  { size: 2, stride: 2, padding: 'valid' },
  { size: 3, stride: 2, padding: 1 },
  { size: 3, stride: 1, padding: 'same' },
] as const)('max pooling: size $size, stride $stride, with ties', async ({ size, stride, padding }) => {
  // After a ReLU many windows hold several zeros: the first maximum takes the gradient on both backends.
  for (const shape of [
    [2, 7, 9, 4],
    [2, 7, 8, 4],
    [2, 6, 8, 8],
  ]) {
    const pool = (x: Tensor) => tf.maxPool(tf.relu(x) as Tensor4D, size, stride, padding);
    const x = numbers(shape);
    await expectSameValues(() => pool(tf.tensor(x.values, shape)));
    await expectSameGradients([x], (y) => pool(tf.add(y, 0)));
  }
});

const products = [
  [1, 1, 1],
  [3, 5, 9],
  [4, 8, 16],
  [7, 130, 33],
] as const;

test('a product of matrices, plain and with a factor transposed, with its gradients', async () => {
  for (const [rows, inner, columns] of products)
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const a = numbers(transposeA ? [inner, rows] : [rows, inner]);
      const b = numbers(transposeB ? [columns, inner] : [inner, columns]);
      await expectSameValues(() =>
        tf.matMul(tf.tensor(a.values, a.shape), tf.tensor(b.values, b.shape), transposeA, transposeB),
      );
      await expectSameGradients([a, b], (x, y) => tf.matMul(x, y, transposeA, transposeB));
    }
});

test('batches of products, of which one factor may be one matrix', async () => {
  const [many, one] = [numbers([3, 4, 5]), numbers([1, 5, 6])];
  for (const left of [many, numbers([1, 4, 5])])
    await expectSameValues(() =>
      tf.matMul(tf.tensor(left.values, left.shape), tf.tensor(one.values, one.shape)),
    );
});

test('rows that are picked by number, and a matrix and a column added, of both types', async () => {
  const x = numbers([6, 5, 3]);
  const flat = numbers([11]);
  const picks = () => tf.tensor2d([5, 0, 3, 3], [2, 2], 'int32');
  await expectSameValues(() => tf.gather(tf.tensor(x.values, x.shape), picks()));
  await expectSameValues(() => tf.gather(tf.tensor(flat.values, flat.shape), picks()));
  await expectSameValues(() => tf.gather(tf.tensor(x.values, x.shape), tf.tensor1d([4, 1], 'int32'), 1));
  const matrix = numbers([3, 7]);
  const column = numbers([3, 1]);
  await expectSameValues(() => tf.add(tf.tensor(matrix.values, [3, 7]), tf.tensor(column.values, [3, 1])));
  await expectSameValues(() =>
    tf.add(
      tf.reshape(tf.range(0, 21, 1, 'int32'), [3, 7]),
      tf.tensor2d([1, 20_000_001, -4], [3, 1], 'int32'),
    ),
  );
  await expectSameValues(() => tf.add(tf.tensor(matrix.values, [3, 7]), tf.scalar(2)));
});

/** Pairs of shapes: equal, a number, a row, a column, several axes of these, and two that our kernel leaves alone. */
const pairs = [
  [
    [3, 5],
    [3, 5],
  ],
  [[3, 5], []],
  [[], [7]],
  [[2, 3, 4, 5], [5]],
  [[5], [3, 5]],
  [
    [2, 3, 4, 5],
    [4, 5],
  ],
  [
    [6, 9],
    [6, 1],
  ],
  [
    [4, 1, 1, 1],
    [4, 3, 2, 5],
  ],
  [
    [1, 2],
    [9, 2],
  ],
  [
    [4, 1],
    [1, 6],
  ],
  [
    [2, 3, 4],
    [2, 1, 4],
  ],
  [
    [2, 3, 1],
    [1, 3, 4],
  ],
] as const;

test('arithmetic between shapes of which one is repeated, with its gradients', async () => {
  for (const [first, second] of pairs) {
    const [a, b] = [numbers([...first]), numbers([...second])];
    const [x, y] = [() => tf.tensor(a.values, a.shape), () => tf.tensor(b.values, b.shape)];
    for (const operation of [tf.add, tf.sub, tf.mul, tf.squaredDifference])
      await expectSameValues(() => operation(x(), y()));
    await expectSameValues(() => tf.div(x(), tf.add(tf.abs(y()), 0.5)));
    await expectSameGradients([a, b], (p, q) => tf.mul(tf.sub(p, q), tf.add(p, q)));
  }
});

test('moves along any axis: joined, stacked, split, cut out, and axes in another order', async () => {
  const [a, b] = [numbers([3, 4, 5]), numbers([3, 4, 5])];
  const both = () => [tf.tensor(a.values, a.shape), tf.tensor(b.values, b.shape)];
  for (const axis of [0, 1, 2, -1]) {
    await expectSameValues(() => tf.concat(both(), axis));
    await expectSameValues(() => tf.stack(both(), axis));
    await expectSameValues(() => tf.unstack(both()[0]!, axis)[2]!);
    const sizes = [1, a.shape.at(axis)! - 1];
    for (const part of [0, 1]) await expectSameValues(() => tf.split(both()[0]!, sizes, axis)[part]!);
  }
  for (const [begin, size] of [
    [
      [1, 0, 0],
      [2, 4, 5],
    ],
    [
      [0, 1, 0],
      [3, 2, -1],
    ],
    [
      [0, 0, 2],
      [3, 4, 2],
    ],
    [
      [1, 1, 0],
      [1, 2, 5],
    ],
    [
      [0, 0, 0],
      [3, 4, 5],
    ],
  ] as const)
    await expectSameValues(() => tf.slice(both()[0]!, [...begin], [...size]));
  for (const perm of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ])
    await expectSameValues(() => tf.transpose(both()[0]!, perm));
  const wide = numbers([2, 3, 1, 4, 5, 2]);
  for (const perm of [
    [5, 4, 3, 2, 1, 0],
    [1, 0, 2, 4, 3, 5],
    [4, 5, 0, 1, 2, 3],
    [3, 1, 5, 0, 2, 4],
  ])
    await expectSameValues(() => tf.transpose(tf.tensor(wide.values, wide.shape), perm));
  await expectSameValues(() => tf.concat([tf.range(0, 3, 1, 'int32'), tf.range(7, 9, 1, 'int32')]));
  await expectSameValues(() =>
    tf.stack([tf.tensor1d([true, false], 'bool'), tf.tensor1d([false, true], 'bool')]),
  );
});

test('sums and means over first, last, all and other axes', async () => {
  const x = numbers([4, 3, 1, 7]);
  for (const axes of [undefined, [0], [0, 1], [0, 2], [3], [1, 3], [1], [2], [0, 3], [-1]])
    for (const keepDims of [false, true]) {
      await expectSameValues(() => tf.sum(tf.tensor(x.values, x.shape), axes, keepDims));
      await expectSameValues(() => tf.mean(tf.tensor(x.values, x.shape), axes, keepDims));
    }
  await expectSameValues(() => tf.sum(tf.tensor2d([1, 20_000_001, 3, 4], [2, 2], 'int32'), 0));
  await expectSameValues(() => tf.square(tf.relu(tf.tensor(x.values, x.shape))));
});
