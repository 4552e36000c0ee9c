import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import type { RetortBackend } from '../../../src/engine/webgpu-backend';
import { Observed } from '../../../src/nn/observed';
import { Adam, Sgd, type Optimiser } from '../../../src/nn/optimisers';
import { RandomStream } from '../../../src/random/streams';

/** More variables than one dispatch can take, of sizes that fill no vector. */
const shapes = [[3, 3, 1, 8], [8], [8], [5], [2, 3], [1], [7, 9], [4]];

const makers: Record<string, (variables: tf.Variable[]) => Optimiser> = {
  'plain SGD': (v) => new Sgd(v, { momentum: 0, nesterov: false, weightDecay: 0 }),
  'momentum, weight decay': (v) => new Sgd(v, { momentum: 0.9, nesterov: false, weightDecay: 0.01 }),
  Nesterov: (v) => new Sgd(v, { momentum: 0.9, nesterov: true, weightDecay: 0 }),
  'Adam, weight decay': (v) => new Adam(v, { weightDecay: 0.01 }),
  AdamW: (v) => new Adam(v, { weightDecay: 0.1, decoupled: true }),
};

/** Weights after three steps, the fourth variable never having a gradient, and what the optimiser kept. */
async function optimise(make: (variables: tf.Variable[]) => Optimiser): Promise<Float32Array[]> {
  const random = RandomStream.fork(1, 'numbers');
  const numbers = (shape: number[]) =>
    tf.tensor(
      Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal()),
      shape,
    );
  const variables = shapes.map((shape) => tf.tidy(() => tf.variable(numbers(shape))));
  const optimiser = make(variables);
  for (let step = 0; step < 3; step++)
    tf.tidy(() =>
      optimiser.step(
        shapes.map((shape, i) => (i === 3 ? null : numbers(shape))),
        0.1,
      ),
    );
  const { steps, slots } = await optimiser.state();
  expect(steps).toBe(3);
  const values = await Promise.all(variables.map((variable) => variable.data<'float32'>()));
  optimiser.dispose();
  tf.dispose(variables);
  return [...values, ...Object.values(slots).flat()];
}

let reference: Record<string, Float32Array[]>;
let before: tf.MemoryInfo;

beforeAll(async () => {
  await chooseBackend('cpu');
  const entries = Object.entries(makers).map(async ([name, make]) => [name, await optimise(make)] as const);
  reference = Object.fromEntries(await Promise.all(entries));
  await chooseBackend('webgpu');
});
beforeEach(() => {
  before = tf.memory();
});
afterEach(() => {
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
});

describe('in place', () => {
  test.each(Object.keys(makers))('%s equals the composed form', async (name) => {
    const found = await withValidation(() => optimise(makers[name]!));
    found.forEach((values, v) =>
      values.forEach((value, i) => expect(value).toBeCloseTo(reference[name]![v]![i]!, 5)),
    );
  });

  test('several variables share a dispatch', () => {
    const backend = tf.backend() as RetortBackend;
    const variables = shapes.map((shape) => tf.tidy(() => tf.variable(tf.ones(shape))));
    const optimiser = new Sgd(variables, { momentum: 0.9, nesterov: false, weightDecay: 0 });
    const gradients = shapes.map((shape) => tf.ones(shape));
    // The first step also fills and uploads.
    optimiser.step(gradients, 0.1);
    const each = Math.floor((backend.device.limits.maxStorageBuffersPerShaderStage - 1) / 3);
    const before = backend.dispatches;
    optimiser.step(gradients, 0.1);
    expect(backend.dispatches - before).toBe(Math.ceil(shapes.length / each));
    optimiser.dispose();
    tf.dispose([...variables, ...gradients]);
  });

  test('a variable assigned from another one does not drag it along', async () => {
    await withValidation(async () => {
      const source = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3])));
      const copy = tf.tidy(() => tf.variable(tf.zeros([3])));
      copy.assign(source);
      const optimiser = new Sgd([copy], { momentum: 0, nesterov: false, weightDecay: 0 });
      tf.tidy(() => optimiser.step([tf.ones([3])], 1));
      expect([...(await copy.data())]).toEqual([0, 1, 2]);
      expect([...(await source.data())]).toEqual([1, 2, 3]);
      optimiser.dispose();
      tf.dispose([source, copy]);
    });
  });

  test('a statistic observed twice in a step moves twice', async () => {
    await withValidation(async () => {
      const running = tf.tidy(() => tf.variable(tf.zeros([3])));
      const observed = new Observed();
      observed.record(running, tf.tensor1d([1, 2, 3]));
      observed.record(running, tf.tensor1d([1, 2, 3]));
      observed.absorb();
      const values = await running.data();
      [0.19, 0.38, 0.57].forEach((expected, i) => expect(values[i]).toBeCloseTo(expected, 6));
      running.dispose();
    });
  });
});
