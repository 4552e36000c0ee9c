import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { tf, type Variable } from '../../../src/engine/tf';
import { Adam, Sgd, type Optimiser } from '../../../src/nn/optimisers';

let before = 0;
beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

function variable(values: number[]): Variable {
  return tf.tidy(() => tf.variable(tf.tensor1d(values)));
}

/** Steps with the gradient of sum(p^2) / 2 and answers the values after each. */
async function descend(optimiser: Optimiser, p: Variable, rates: number[]): Promise<number[]> {
  const path: number[] = [];
  for (const rate of rates) {
    const gradient = tf.tidy(() => tf.mul(p, 1));
    optimiser.step([gradient], rate);
    gradient.dispose();
    path.push((await p.data())[0]!);
  }
  return path;
}

/** The same in plain numbers, from PyTorch's documentation. */
function sgdPath(rates: number[], momentum: number, nesterov: boolean, weightDecay: number): number[] {
  let p = 1;
  let velocity = 0;
  return rates.map((rate) => {
    const g = p + weightDecay * p;
    velocity = momentum * velocity + g;
    p -= rate * (nesterov ? g + momentum * velocity : velocity);
    return p;
  });
}

function adamPath(rates: number[], weightDecay: number, decoupled = false): number[] {
  let p = 1;
  let m = 0;
  let v = 0;
  return rates.map((rate, i) => {
    const g = p + (decoupled ? 0 : weightDecay * p);
    if (decoupled) p -= rate * weightDecay * p;
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    const mean = m / (1 - 0.9 ** (i + 1));
    const square = v / (1 - 0.999 ** (i + 1));
    p -= (rate * mean) / (Math.sqrt(square) + 1e-8);
    return p;
  });
}

const rates = [0.1, 0.1, 0.05, 0.2, 0.01];

test.each([
  { momentum: 0, nesterov: false, weightDecay: 0 },
  { momentum: 0.9, nesterov: false, weightDecay: 0 },
  { momentum: 0.9, nesterov: true, weightDecay: 0.05 },
])('SGD follows PyTorch: %o', async (options) => {
  const p = variable([1]);
  const optimiser = new Sgd([p], options);
  const expected = sgdPath(rates, options.momentum, options.nesterov, options.weightDecay);
  (await descend(optimiser, p, rates)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
  optimiser.dispose();
  p.dispose();
});

test.each([0, 0.1])('Adam follows PyTorch with weight decay %d', async (weightDecay) => {
  const p = variable([1]);
  const optimiser = new Adam([p], { weightDecay });
  const expected = adamPath(rates, weightDecay);
  (await descend(optimiser, p, rates)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
  optimiser.dispose();
  p.dispose();
});

test('AdamW shrinks the weights past the moments', async () => {
  const p = variable([1]);
  const optimiser = new Adam([p], { weightDecay: 0.1, decoupled: true });
  const expected = adamPath(rates, 0.1, true);
  (await descend(optimiser, p, rates)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
  expect(expected[4]).not.toBeCloseTo(adamPath(rates, 0.1)[4]!, 3);
  optimiser.dispose();
  p.dispose();
});

test.each([
  ['SGD', (p: Variable) => new Sgd([p], { momentum: 0.9, nesterov: false, weightDecay: 0.01 })],
  ['Adam', (p: Variable) => new Adam([p], { weightDecay: 0.01 })],
])('%s goes on from a checkpoint as if nothing had happened', async (_, make) => {
  const [p, q] = [variable([1]), variable([5])];
  const [first, second] = [make(p), make(q)];
  await descend(first, p, rates);
  const saved = structuredClone(await first.state());
  q.assign(p);
  second.restore(saved);
  expect(await descend(second, q, rates)).toEqual(await descend(first, p, rates));
  for (const part of [first, second, p, q]) part.dispose();
});

test('a state of another network is refused', async () => {
  const [p, q] = [variable([1]), variable([1, 2])];
  const [one, two] = [p, q].map((v) => new Sgd([v], { momentum: 0.9, nesterov: false, weightDecay: 0 }));
  await expect(one!.state().then((state) => two!.restore(state))).rejects.toThrow('another network');
  for (const part of [one!, two!, p, q]) part.dispose();
});

test('a variable without gradient stays as it is', async () => {
  const [p, q] = [variable([1]), variable([1])];
  const optimiser = new Sgd([p, q], { momentum: 0.9, nesterov: false, weightDecay: 0.1 });
  const gradient = tf.tensor1d([1]);
  optimiser.step([null, gradient], 0.5);
  expect((await p.data())[0]).toBe(1);
  expect((await q.data())[0]).toBeCloseTo(0.45, 6);
  expect((await optimiser.velocity(q).data())[0]).toBeCloseTo(1.1, 6);
  expect((await optimiser.velocity(p).data())[0]).toBe(0);
  tf.dispose(gradient);
  for (const part of [optimiser, p, q]) part.dispose();
});

test('hyperparameters can be turned between steps', async () => {
  const p = variable([1]);
  const optimiser = new Sgd([p], { momentum: 0, nesterov: false, weightDecay: 0 });
  await descend(optimiser, p, [0.5]);
  optimiser.options = { ...optimiser.options, weightDecay: 1 };
  expect(await descend(optimiser, p, [0.25])).toEqual([0.25]);
  optimiser.dispose();
  p.dispose();
});
