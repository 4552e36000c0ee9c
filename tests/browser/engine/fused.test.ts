/** Every fused kernel, value and gradients, against the composed table on the cpu backend, on shapes of all sorts. */
import { describe, expect, test } from 'vitest';
import { opsOverTensors } from '../../../src/engine/fused';
import { gradientsOf } from '../../../src/engine/gradients';
import {
  attentionMaps,
  meanSquaredDifference,
  meansOfHints,
  objectiveOf,
  softmaxCrossEntropy,
  temperatureKl,
} from '../../../src/engine/loss-ops';
import type { Ops } from '../../../src/engine/ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import type { RetortBackend } from '../../../src/engine/webgpu-backend';
import { RandomStream } from '../../../src/random/streams';
import { channels, few, pick } from './random-layers';
import { comparedWithCpu, type Case } from './table-case';

function batchNorm(training: boolean, relu: boolean, flat: boolean): Case {
  const size = channels();
  const x = flat ? [pick(2, 7, 33), size] : [pick(2, 3), pick(1, 5, 9), pick(2, 7), size];
  return {
    name: `batch norm of [${x.join()}]${training ? '' : ' in evaluation'}${relu ? ', ReLU' : ''}`,
    shapes: { x, 'n.weight': [size], 'n.bias': [size] },
    training,
    run: (ops, { x }) => (relu ? ops.batchNormRelu(x!, 'n') : ops.batchNorm(x!, 'n')),
  };
}

function pooling(size: number, stride: number, padding = 0): Case {
  const shape = [pick(1, 3), size + pick(1, 2, 5), size + pick(0, 3, 4), channels()];
  return {
    name: `max pool ${size}/${stride}, padding ${padding}, of [${shape.join()}] with ties`,
    shapes: { x: shape },
    first: (value) => Math.max(Math.round(value), 0),
    run: (ops, { x }) => ops.maxPool(x!, size, stride, padding),
  };
}

/** Losses of two inputs of one shape. */
const loss = (name: string, shape: number[], run: (a: Tensor, b: Tensor) => Tensor, both = true): Case => ({
  name: `${name} of [${shape.join()}]`,
  shapes: both ? { a: shape, b: shape } : { a: shape },
  run: (_, { a, b }) => run(a!, b ?? tf.oneHot(tf.range(0, shape[0]!, 1, 'int32'), shape[1]!)),
});

const attention = (shape: number[], p: number): Case => ({
  name: `attention maps of [${shape.join()}], p = ${p}`,
  shapes: { maps: shape },
  run: (_, { maps }) => attentionMaps(maps as Tensor4D, p),
});

/** A teacher's logits, constant. */
const fixed = (shape: number[]) =>
  tf.tensor(
    Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => 3 * Math.sin(5 * i)),
    shape,
  );

const objective = (hints: number, weights: number[]): Case => ({
  name: `objective of ${hints} hints with weights [${weights.join()}]`,
  shapes: { ce: [7], losses: [7, hints] },
  run: (_, { ce, losses }) =>
    objectiveOf(
      { ce: ce as Tensor1D, count: 5, factor: 0.7 },
      { losses: losses as Tensor2D, weights: fixed(weights) as Tensor2D },
    ).total,
});

const reduction = (shape: number[], axes: number[] | undefined): Case => ({
  name: `sum, mean, max of [${shape.join()}] over ${axes?.join() ?? 'all'}`,
  shapes: { x: shape },
  run: (_, { x }) => tf.add(tf.add(tf.sum(x!, axes), tf.mean(x!, axes)), tf.max(x!, axes)),
});

const cases: Case[] = [
  ...few,
  {
    name: 'average pool with padding, odd sides',
    shapes: { x: [2, 7, 9, 6] },
    run: (ops, { x }) => ops.averagePool(x!, 3, 2, 1),
  },
  {
    name: 'split, shuffle and concatenation',
    shapes: { x: [2, 3, 5, 12] },
    run: (ops, { x }) => {
      const [first, second] = ops.split(x!, [4, 8]) as [Tensor, Tensor];
      return ops.shuffle(ops.concat([ops.relu(second), first]), 3);
    },
  },
  ...[true, false].flatMap((training) =>
    [true, false].flatMap((relu) => [batchNorm(training, relu, false), batchNorm(training, relu, true)]),
  ),
  { ...batchNorm(true, false, false), name: 'batch norm far from zero', first: (value) => 1000 + value },
  {
    name: 'batch norm of more rows than one chunk',
    shapes: { x: [4, 40, 41, 8], 'n.weight': [8], 'n.bias': [8] },
    training: true,
    run: (ops, { x }) => ops.batchNormRelu(x!, 'n'),
  },
  ...[
    [2, 45, 47, 12],
    [1, 67, 63, 3],
  ].flatMap((x) =>
    [true, false].map((training) => ({
      name: `batch norm of [${x.join()}], more rows than threads divide evenly${training ? '' : ', in evaluation'}`,
      shapes: { x, 'n.weight': [x[3]!], 'n.bias': [x[3]!] },
      training,
      run: (ops: Ops<Tensor>, { x }: Record<string, Tensor>) => ops.batchNorm(x!, 'n'),
    })),
  ),
  {
    name: 'convolution whose filter gradient is summed in chunks that do not divide the rows',
    shapes: { x: [5, 83, 64, 1], 'c.weight': [3, 3, 1, 4] },
    run: (ops, { x }) => ops.conv(x!, { name: 'c', filters: 4, kernel: 3, padding: 1 }),
  },
  {
    name: 'batch norm plus a convolution of it',
    shapes: { x: [3, 4, 5, 8], 'n.weight': [8], 'n.bias': [8], 'c.weight': [1, 1, 8, 8] },
    training: true,
    run: (ops, { x }) => {
      const normal = ops.batchNorm(x!, 'n');
      return ops.add(normal, ops.conv(normal, { name: 'c', filters: 8, kernel: 1 }));
    },
  },
  pooling(2, 2),
  pooling(3, 2),
  pooling(2, 1),
  pooling(2, 3),
  pooling(3, 2, 1),
  {
    name: 'dense 7 to 5',
    shapes: { x: [3, 7], 'd.weight': [7, 5], 'd.bias': [5] },
    run: (ops, { x }) => ops.dense(x!, { name: 'd', units: 5 }),
  },
  {
    name: 'dense 12 to 8',
    shapes: { x: [9, 12], 'd.weight': [12, 8], 'd.bias': [8] },
    run: (ops, { x }) => ops.dense(x!, { name: 'd', units: 8 }),
  },
  { name: 'ReLU', shapes: { x: [3, 5, 5, 3] }, run: (ops, { x }) => ops.relu(x!) },
  { name: 'global average', shapes: { x: [3, 5, 4, 6] }, run: (ops, { x }) => ops.globalAveragePool(x!) },
  loss('cross-entropy', [4, 7], softmaxCrossEntropy, false),
  loss('KL', [5, 3], (a) => temperatureKl(a, fixed([5, 3]), 2.5), false),
  loss('KL far apart', [2, 10], (a) => temperatureKl(tf.mul(a, 40), fixed([2, 10]), 1), false),
  objective(2, [1, 2]),
  objective(3, [7, 3]),
  loss('mean squared difference', [3, 5, 5, 3], meanSquaredDifference),
  loss('mean squared difference', [2, 24, 20, 8], meanSquaredDifference),
  loss('mean squared difference', [3, 23, 29, 3], meanSquaredDifference),
  ...[1, 2, 2.5].flatMap((p) => [attention([2, 4, 3, 6], p), attention([3, 2, 2, 8], p)]),
  reduction([2, 3, 4, 5], undefined),
  reduction([2, 3, 4, 5], [1, 2]),
  reduction([2, 3, 4, 5], [0, 3]),
  reduction([3, 1000], [1]),
  reduction([700, 3], [0]),
  reduction([70, 90], undefined),
];

const compare = comparedWithCpu(cases);

describe('fused and composed agree', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    await compare(one);
  });
});

/** Six hints are more than one dispatch binds. */
test.each([[2], [6]])('means of %d hints are those of their columns', async (hints) => {
  const [batch, random] = [9, RandomStream.fork(11, 'hints')];
  const table = () => Float32Array.from({ length: batch * hints }, () => random.normal());
  const [raw, losses, weights] = [table(), table(), table()];
  const found = await withValidation(async () => {
    const tensors = tf.tidy(() => {
      const [r, l, w] = [raw, losses, weights].map((values) => tf.tensor2d(values, [batch, hints]));
      return meansOfHints(r!, { losses: l!, weights: w! }).flatMap(({ mean, part }) => [mean, part]);
    });
    const read = await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
    tf.dispose(tensors);
    return read.map(([value]) => value!);
  });
  const meanOf = (values: Float32Array, h: number) =>
    values.filter((_, i) => i % hints === h).reduce((sum, value) => sum + value, 0) / batch;
  const parts = losses.map((loss, i) => loss * weights[i]!);
  for (let h = 0; h < hints; h++) {
    expect(found[2 * h]).toBeCloseTo(meanOf(raw, h), 5);
    expect(found[2 * h + 1]).toBeCloseTo(meanOf(parts, h), 5);
  }
});

test('gradients that nobody asks for are not computed', () => {
  const backend = tf.backend() as RetortBackend;
  const [x, filter] = [tf.ones([2, 8, 8, 4]) as Tensor4D, tf.ones([3, 3, 4, 4]) as Tensor4D];
  const dispatches = (xs: Tensor[]) => {
    const before = backend.dispatches;
    const { value, gradients } = gradientsOf(() => tf.sum(tf.conv2d(x, filter, 1, 1)), xs);
    backend.computeLazy();
    tf.dispose([value, ...gradients.map((gradient) => gradient!)]);
    return backend.dispatches - before;
  };
  dispatches([x, filter]);
  expect(dispatches([x, filter]) - dispatches([filter])).toBe(1);
  tf.dispose([x, filter]);
});

/** A dispatch has at most 65535 workgroups of 64 threads along one axis. */
test('a kernel of more threads than one row of workgroups holds reaches every number', async () => {
  const count = 65_535 * 64 + 1001;
  const numbers = Float32Array.from({ length: count }, (_, i) => i % 1009);
  const doubled = await withValidation(async () => {
    const x = tf.tensor(numbers, [count, 1]);
    const y = tf.mul(x, 2);
    const found = await y.data<'float32'>();
    tf.dispose([x, y]);
    return found;
  });
  expect(doubled.findIndex((value, i) => value !== 2 * numbers[i]!)).toBe(-1);
});

/** Rows in one workgroup's reach, in more than that, and a single one. */
test.each([[[7, 5, 5, 6]], [[3, 45, 47, 4]], [[1, 3]]])(
  'batch norm of %j tells the mean and the unbiased variance of the batch',
  async (shape) => {
    const [channels, random] = [shape.at(-1)!, RandomStream.fork(5, 'rows')];
    const rows = tf.util.sizeFromShape(shape) / channels;
    const values = Float32Array.from({ length: rows * channels }, () => 3 + 2 * random.normal());
    const found = await withValidation(async () => {
      const observed: Tensor[] = [];
      tf.tidy(() => {
        const ops = opsOverTensors({
          weights: () => tf.ones([channels]),
          statistics: () => tf.ones([channels]),
          training: true,
          observe: (_, mean, variance) => observed.push(mean, variance),
        });
        ops.batchNorm(tf.tensor(values, shape), 'n');
      });
      const read = await Promise.all(observed.map((tensor) => tensor.data<'float32'>()));
      tf.dispose(observed);
      return read;
    });
    for (let c = 0; c < channels; c++) {
      const ofChannel = values.filter((_, i) => i % channels === c);
      const mean = ofChannel.reduce((sum, value) => sum + value, 0) / rows;
      const squares = ofChannel.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      expect(found[0]![c]).toBeCloseTo(mean, 4);
      expect(found[1]![c]).toBeCloseTo(squares / Math.max(rows - 1, 1), 4);
    }
  },
);
