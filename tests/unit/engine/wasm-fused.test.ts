/** Every kernel of `src/engine/wasm/assembly`, value and gradients, against the composed table on the cpu backend. */
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { opsOverTensors } from '../../../src/engine/fused';
import { hasFused } from '../../../src/engine/fused-ops';
import { canUpdateInPlace, updateInPlace } from '../../../src/engine/in-place';
import {
  meanSquaredDifference,
  objectiveOf,
  sideBySide,
  softmaxCrossEntropy,
  temperatureKl,
  weightedLosses,
} from '../../../src/engine/loss-ops';
import type { Ops } from '../../../src/engine/ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../src/engine/tf';
import { Adam, Sgd, type Optimiser } from '../../../src/nn/optimisers';
import { RandomStream } from '../../../src/random/streams';
import { few, others } from '../../browser/engine/random-layers';
import { compute, expectSame, type Case } from '../../browser/engine/table-case';
import { useWasm } from '../../support/wasm-in-node';

const norm = (x: number[], training: boolean, relu: boolean, first?: Case['first']): Case => ({
  name: `batch norm of [${x.join()}]${training ? '' : ' in evaluation'}${relu ? ', ReLU' : ''}${first ? ', far from zero' : ''}`,
  shapes: { x, 'n.weight': [x.at(-1)!], 'n.bias': [x.at(-1)!] },
  training,
  ...(first && { first }),
  run: (ops, { x: map }) => (relu ? ops.batchNormRelu(map!, 'n') : ops.batchNorm(map!, 'n')),
});

/** Statistics differentiated too, as methods do that match them. */
const givenNorm: Case = {
  name: 'batch norm with given statistics and their gradients',
  shapes: { x: [3, 4, 5, 6], 'n.weight': [6], 'n.bias': [6], 'n.running_mean': [6], spread: [6] },
  training: false,
  run: (ops, { x, spread }) => ops.add(ops.batchNormRelu(x!, 'n'), tf.square(spread!)),
};

const pooling = (size: number, stride: number, x: number[]): Case => ({
  name: `max pool ${size}/${stride} of [${x.join()}] with ties`,
  shapes: { x },
  first: (value) => Math.max(Math.round(value), 0),
  run: (ops, { x: map }) => ops.maxPool(map!, size, stride),
});

const dense = (batch: number, inputs: number, units: number): Case => ({
  name: `dense ${inputs} to ${units}, batch ${batch}`,
  shapes: { x: [batch, inputs], 'd.weight': [inputs, units], 'd.bias': [units] },
  run: (ops, { x }) => ops.dense(x!, { name: 'd', units }),
});

/** Shapes for which the convolution's loops take another way: short runs and rows, more images than one group. */
const convolution = (x: number[], kernel: number, filters: number, stride: number): Case => ({
  name: `convolution ${kernel}x${kernel}/${stride} of [${x.join()}] to ${filters}`,
  shapes: { x, 'c.weight': [kernel, kernel, x[3]!, filters] },
  run: (ops, { x: map }) => ops.conv(map!, { name: 'c', filters, kernel, stride, padding: (kernel - 1) / 2 }),
});

const loss = (name: string, shape: number[], run: (a: Tensor, b: Tensor) => Tensor): Case => ({
  name: `${name} of [${shape.join()}]`,
  shapes: { a: shape, b: shape },
  run: (_: Ops<Tensor>, { a, b }) => run(a!, b!),
});

const cases: Case[] = [
  ...few,
  ...others,
  convolution([33, 2, 2, 12], 3, 20, 1),
  convolution([5, 11, 9, 1], 3, 9, 1),
  convolution([3, 12, 12, 3], 3, 8, 1),
  convolution([7, 9, 9, 2], 3, 16, 2),
  convolution([6, 5, 7, 4], 7, 12, 2),
  convolution([40, 4, 4, 8], 1, 13, 2),
  ...[true, false].flatMap((training) =>
    [true, false].flatMap((relu) => [
      norm([3, 5, 7, 8], training, relu),
      norm([33, 7], training, relu),
      norm([4, 30, 30, 6], training, relu),
    ]),
  ),
  norm([9, 5, 5, 4], true, true, (value) => 1000 + value),
  givenNorm,
  pooling(2, 2, [3, 8, 8, 8]),
  pooling(2, 2, [2, 7, 5, 6]),
  pooling(3, 2, [2, 9, 8, 4]),
  pooling(2, 1, [1, 4, 4, 5]),
  dense(3, 7, 5),
  dense(64, 32, 10),
  dense(9, 12, 8),
  { name: 'ReLU', shapes: { x: [3, 5, 5, 3] }, run: (ops, { x }) => ops.relu(x!) },
  { name: 'global average', shapes: { x: [3, 5, 4, 6] }, run: (ops, { x }) => ops.globalAveragePool(x!) },
  {
    name: 'sum of maps',
    shapes: { x: [3, 5, 4, 6], y: [3, 5, 4, 6] },
    run: (ops, { x, y }) => ops.add(x!, y!),
  },
  {
    name: 'bias',
    shapes: { x: [3, 5, 4, 6], y: [6] },
    run: (_, { x, y }) => tf.add(x!, y!),
  },
  loss('cross-entropy', [4, 7], (a, b) => softmaxCrossEntropy(a, tf.softmax(b as Tensor2D))),
  loss('cross-entropy, far apart', [4, 7], (a, b) => softmaxCrossEntropy(tf.mul(a, 60), b)),
  loss('KL', [5, 3], (a, b) => temperatureKl(a, b, 2.5)),
  loss('KL, close', [5, 3], (a, b) => temperatureKl(a, tf.add(a, tf.mul(b, 0.01)), 4)),
  loss('KL, far apart', [2, 10], (a, b) => temperatureKl(tf.mul(a, 40), b, 1)),
  loss('mean squared difference', [3, 5, 5, 3], meanSquaredDifference),
  loss('weighted losses', [6, 3], (a, b) => weightedLosses(a, b, 4)),
  {
    name: 'objective of three hints side by side',
    shapes: { ce: [7], a: [7], b: [7], c: [7] },
    run: (_, { ce, a, b, c }) =>
      objectiveOf(
        { ce: ce as Tensor1D, count: 5, factor: 0.7 },
        { losses: sideBySide([a, b, c] as Tensor1D[]), weights: tf.tensor2d([[1, -2, 3]]) },
      ).total,
  },
];

const wanted = new Map<Case, Float32Array[]>();

beforeAll(async () => {
  await tf.setBackend('cpu');
  for (const one of cases) wanted.set(one, await compute(one));
  await useWasm();
  // Otherwise the composed table would be compared with itself.
  expect(hasFused('RetortBatchNorm') && canUpdateInPlace()).toBe(true);
});

describe('fused and composed agree', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const before = tf.memory();
    const found = await compute(one);
    expect(tf.memory()).toMatchObject({
      numTensors: before.numTensors,
      numDataBuffers: before.numDataBuffers,
    });
    expectSame(found, wanted.get(one)!);
  });
});

test('a loss of what is no number is no number', async () => {
  const lost = tf.tidy(() => softmaxCrossEntropy(tf.tensor2d([[NaN, 1, 2]]), tf.tensor2d([[0, 1, 0]])));
  expect([...(await lost.data())]).toEqual([NaN]);
  lost.dispose();
});

/** Three steps over variables whose sizes fill vectors or do not. */
async function steps(make: (variables: tf.Variable[]) => Optimiser): Promise<Float32Array[]> {
  const random = RandomStream.fork(3, 'optimiser');
  const draw = (size: number) => tf.tensor1d(Array.from({ length: size }, () => random.normal()));
  const variables = [1, 7, 12].map((size) => tf.tidy(() => tf.variable(draw(size))));
  const optimiser = make(variables);
  for (const rate of [0.1, 0.2, 0.05])
    tf.tidy(() =>
      optimiser.step(
        variables.map((variable) => draw(variable.size)),
        rate,
      ),
    );
  const { slots } = await optimiser.state();
  const values = await Promise.all(variables.map((variable) => variable.data<'float32'>()));
  optimiser.dispose();
  tf.dispose(variables);
  return [...values, ...Object.values(slots).flat()];
}

test.each([
  ['SGD', (v: tf.Variable[]) => new Sgd(v, { momentum: 0, nesterov: false, weightDecay: 0.01 })],
  [
    'SGD with momentum',
    (v: tf.Variable[]) => new Sgd(v, { momentum: 0.9, nesterov: false, weightDecay: 0.01 }),
  ],
  ['SGD by Nesterov', (v: tf.Variable[]) => new Sgd(v, { momentum: 0.9, nesterov: true, weightDecay: 0 })],
  ['Adam', (v: tf.Variable[]) => new Adam(v, { weightDecay: 0.01 })],
  ['AdamW', (v: tf.Variable[]) => new Adam(v, { weightDecay: 0.01, decoupled: true })],
] as const)('%s in place takes the steps of the composed rule', async (_, make) => {
  await tf.setBackend('cpu');
  const composed = await steps(make);
  await tf.setBackend('wasm');
  expectSame(await steps(make), composed);
});

test('Adam keeps moments that are right to the last digits', async () => {
  await tf.setBackend('wasm');
  const variable = tf.tidy(() => tf.variable(tf.ones([5])));
  const optimiser = new Adam([variable], { weightDecay: 0 });
  tf.tidy(() => optimiser.step([tf.ones([5])], 0.1));
  const { slots } = await optimiser.state();
  expect([...slots['first']![0]!]).toEqual(Array<number>(5).fill(Math.fround(1 - 0.9)));
  expect([...slots['second']![0]!]).toEqual(Array<number>(5).fill(Math.fround(1 - 0.999)));
  optimiser.dispose();
  variable.dispose();
});

test('a snapshot of a variable does not change with it', async () => {
  const variable = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3, 4, 5])));
  const snapshot = variable.clone();
  tf.tidy(() => {
    const update = { variable, gradient: tf.zeros([5]), slots: [] };
    updateInPlace('blend', [update], tf.tensor1d([0.5]));
  });
  expect([...(await snapshot.data())]).toEqual([1, 2, 3, 4, 5]);
  expect([...(await variable.data())]).toEqual([0.5, 1, 1.5, 2, 2.5]);
  tf.dispose([variable, snapshot]);
});

test('a matrix product sees what was changed in place', async () => {
  const variable = tf.tidy(() => tf.variable(tf.ones([3, 4])));
  const product = async () => {
    const sums = tf.tidy(() => tf.matMul(tf.ones([2, 3]), variable));
    const [first] = await sums.data();
    sums.dispose();
    return first;
  };
  expect(await product()).toBe(3);
  tf.tidy(() =>
    updateInPlace('blend', [{ variable, gradient: tf.zeros([3, 4]), slots: [] }], tf.tensor1d([0.5])),
  );
  expect(await product()).toBe(1.5);
  variable.dispose();
});

/** More rows than one chunk, and a single one. */
test.each([[[3, 45, 47, 4]], [[1, 3]]])(
  'batch norm of %j tells the mean and the unbiased variance',
  async (shape) => {
    const [channels, random] = [shape.at(-1)!, RandomStream.fork(5, 'rows')];
    const rows = tf.util.sizeFromShape(shape) / channels;
    const values = Float32Array.from({ length: rows * channels }, () => 3 + 2 * random.normal());
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
    const [means, variances] = await Promise.all(observed.map((tensor) => tensor.data<'float32'>()));
    tf.dispose(observed);
    for (let c = 0; c < channels; c++) {
      const ofChannel = values.filter((_, i) => i % channels === c);
      const mean = ofChannel.reduce((sum, value) => sum + value, 0) / rows;
      const squares = ofChannel.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      expect(means![c]).toBeCloseTo(mean, 5);
      expect(variances![c]).toBeCloseTo(squares / Math.max(rows - 1, 1), 5);
    }
  },
);
