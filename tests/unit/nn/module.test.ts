import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Ops } from '../../../src/engine/ops';
import { gradientsOf } from '../../../src/engine/gradients';
import { tf, type Scalar, type Tensor, type Tensor4D } from '../../../src/engine/tf';
import { describeModule, Module, Observed, type NamedArray } from '../../../src/nn/module';
import { RandomStream } from '../../../src/random/streams';

/** One layer of each kind that has parameters. */
function define<T>(ops: Ops<T>, images: T): T {
  let x = ops.conv(images, { name: 'conv', filters: 3, kernel: 3, stride: 2, padding: 1, bias: true });
  x = ops.batchNormRelu(x, 'bn');
  x = ops.convTranspose(x, { name: 'up', filters: 2, kernel: 4, stride: 2, padding: 1 });
  return ops.dense(ops.globalAveragePool(x), { name: 'fc', units: 5 });
}

const { parameters } = describeModule(define, [[6, 6, 2]]);
const create = (seed = 1) => Module.create(parameters, RandomStream.fork(seed, 'init'), 'test');

function images(): Tensor4D {
  return tf.tensor4d(
    Float32Array.from({ length: 4 * 72 }, (_, i) => Math.sin(i)),
    [4, 6, 6, 2],
  );
}

let before = 0;
beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => {
  before = tf.memory().numTensors;
});

test('parameters come in order of first use, statistics apart', () => {
  const module = create();
  expect([...module.trainable.keys()]).toEqual([
    'conv.weight',
    'conv.bias',
    'bn.weight',
    'bn.bias',
    'up.weight',
    'fc.weight',
    'fc.bias',
  ]);
  expect([...module.statistics.keys()]).toEqual(['bn.running_mean', 'bn.running_var']);
  module.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('first values depend on the stream alone', async () => {
  const [a, b, c] = [create(1), create(1), create(2)];
  expect(await a.exportState()).toEqual(await b.exportState());
  expect(await a.exportState()).not.toEqual(await c.exportState());
  for (const module of [a, b, c]) module.dispose();
});

test('the default first values are uniform within 1 / sqrt(fan in), biases included', async () => {
  const { parameters: wide } = describeModule((ops, x) => ops.dense(x!, { name: 'fc', units: 200 }), [[64]]);
  const module = Module.create(wide, RandomStream.fork(1, 'init'), 'test');
  for (const { data } of await module.exportState()) {
    const largest = Math.max(...data.map(Math.abs));
    expect(largest).toBeLessThanOrEqual(1 / 8);
    expect(largest).toBeGreaterThan(0.95 / 8);
  }
  module.dispose();
});

test('the state goes out in PyTorch layouts and comes back unchanged', async () => {
  const [module, other] = [create(1), create(2)];
  const state = await module.exportState();
  expect(Object.fromEntries(state.map(({ name, shape }) => [name, shape]))).toEqual({
    'conv.weight': [3, 2, 3, 3],
    'conv.bias': [3],
    'bn.weight': [3],
    'bn.bias': [3],
    'bn.running_mean': [3],
    'bn.running_var': [3],
    // PyTorch stores transposed convolutions [in,out,k,k].
    'up.weight': [3, 2, 4, 4],
    'fc.weight': [5, 2],
    'fc.bias': [5],
  });
  const kernel = (await module.trainable.get('conv.weight')!.array()) as number[][][][];
  const exported = state[0]!.data;
  expect(exported[((2 * 2 + 1) * 3 + 0) * 3 + 2]).toBe(kernel[0]![2]![1]![2]);
  other.loadState(state);
  expect(await other.exportState()).toEqual(state);
  for (const part of [module, other]) part.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test.each<[string, (state: NamedArray[]) => NamedArray[], RegExp]>([
  ['a missing array', (state) => state.slice(1), /lack “conv.weight”/],
  [
    'another shape',
    (state) => state.map((entry) => ({ ...entry, shape: [...entry.shape].reverse() })),
    /“conv.weight” has the shape \[3, 3, 2, 3\] where this network needs \[3, 2, 3, 3\]/,
  ],
  [
    'an array too many',
    (state) => [...state, { name: 'layer4.weight', shape: [1], data: Float32Array.of(0) }],
    /hold “layer4.weight”/,
  ],
])('%s is refused with a sentence, and nothing is changed', async (_, spoil, message) => {
  const module = create();
  const state = await module.exportState();
  const zeros = state.map((entry) => ({ ...entry, data: entry.data.map(() => 0) }));
  expect(() => module.loadState(spoil(zeros))).toThrow(message);
  expect(await module.exportState()).toEqual(state);
  const before = tf.memory().numTensors;
  expect(() => Module.create(module.specs, spoil(zeros), 'given')).toThrow(message);
  expect(tf.memory().numTensors).toBe(before);
  module.dispose();
});

test('is created with given values in place of drawn ones', async () => {
  const [module, other] = [create(1), create(2)];
  const state = await module.exportState();
  expect(await other.exportState()).not.toEqual(state);
  const given = Module.create(other.specs, state, 'given');
  expect(await given.exportState()).toEqual(state);
  expect([...given.trainable.keys()]).toEqual([...module.trainable.keys()]);
  for (const part of [module, other, given]) part.dispose();
});

test('a copy computes the same and stays apart afterwards', async () => {
  const [module, copy] = [create(1), create(2)];
  copy.copyFrom(module);
  expect(await copy.exportState()).toEqual(await module.exportState());
  const bias = module.trainable.get('fc.bias')!;
  tf.tidy(() => bias.assign(tf.zerosLike(bias)));
  expect(await copy.trainable.get('fc.bias')!.data()).not.toEqual(await bias.data());
  module.dispose();
  expect((await copy.exportState()).every(({ data }) => data.every(Number.isFinite))).toBe(true);
  copy.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('running statistics move by a tenth when a batch is absorbed, and only then', async () => {
  const module = create();
  const observed = new Observed();
  const x = images();
  const batch = tf.tidy(() => {
    const map = module.ops({ training: true }).conv(x, {
      name: 'conv',
      filters: 3,
      kernel: 3,
      stride: 2,
      padding: 1,
      bias: true,
    });
    const { mean, variance } = tf.moments(tf.reshape(map, [36, 3]), 0);
    return { mean: mean.arraySync() as number[], variance: variance.arraySync() as number[] };
  });
  const read = async () => {
    const [mean, variance] = [...module.statistics.values()];
    return { mean: await mean!.data(), variance: await variance!.data() };
  };
  tf.dispose(tf.tidy(() => define(module.ops({ training: true, observed }), x as Tensor)));
  expect([...(await read()).mean]).toEqual([0, 0, 0]);
  observed.absorb();
  const after = await read();
  for (let c = 0; c < 3; c++) {
    expect(after.mean[c]).toBeCloseTo(0.1 * batch.mean[c]!, 6);
    expect(after.variance[c]).toBeCloseTo(0.9 + (0.1 * batch.variance[c]! * 36) / 35, 6);
  }
  tf.dispose(tf.tidy(() => define(module.ops({ training: true, observed }), x as Tensor)));
  observed.discard();
  tf.dispose(tf.tidy(() => define(module.ops({ training: true }), x as Tensor)));
  expect(await read()).toEqual(after);
  tf.dispose(x);
  module.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('parameters can be replaced for one pass, and differentiated there', async () => {
  const [module, other] = [create(1), create(2)];
  const x = images();
  const loss = (part: Module, weights?: ReadonlyMap<string, Tensor>) => (): Scalar =>
    tf.sum(tf.square(define(part.ops({ training: true, ...(weights ? { weights } : {}) }), x as Tensor)));
  const moved = new Map<string, Tensor>(other.trainable);
  const replaced = gradientsOf(loss(module, moved), [...moved.values()]);
  const expected = gradientsOf(loss(other), [...other.trainable.values()]);
  expect(await replaced.value.data()).toEqual(await expected.value.data());
  for (const [i, gradient] of replaced.gradients.entries())
    expect(await gradient!.data()).toEqual(await expected.gradients[i]!.data());
  // Its own parameters are not used then.
  const unused = gradientsOf(loss(module, moved), [...module.trainable.values()]);
  expect(unused.gradients.every((gradient) => gradient === null)).toBe(true);
  tf.dispose([x, replaced.value, expected.value, unused.value]);
  tf.dispose([...replaced.gradients, ...expected.gradients].map((gradient) => gradient!));
  for (const part of [module, other]) part.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
