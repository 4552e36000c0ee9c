/** Recorded steps on WebAssembly: what a replay sees of the world around it, and what is refused. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import { CannotCapture, captureStep, liveScalar, liveTensor } from '../../../src/engine/capture/capture';
import { updateInPlace } from '../../../src/engine/in-place';
import { runFused } from '../../../src/engine/fused-ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../src/engine/tf';
import { useWasm } from '../../support/wasm-in-node';

beforeAll(useWasm);

let before: tf.MemoryInfo;
beforeAll(() => (before = tf.memory()));
afterEach(() =>
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers }),
);

const variable = (values: number[]) => tf.tidy(() => tf.variable(tf.tensor1d(values), false));

test('nothing runs until the first replay, and each replay is a step', async () => {
  const weights = variable([1, 2, 3]);
  const rate = liveScalar(0.5);
  const step = () => {
    const sum = tf.sum(weights);
    weights.assign(tf.sub(weights, tf.mul(weights, rate.tensor)));
    return { sum };
  };
  const plan = captureStep(step, { inputs: [rate] });
  expect([...(await weights.data())]).toEqual([1, 2, 3]);
  expect((await plan.replay())!['sum']![0]).toBe(6);
  rate.write(1);
  expect((await plan.replay())!['sum']![0]).toBe(3);
  expect([...(await weights.data())]).toEqual([0, 0, 0]);
  expect(plan.suspects).toEqual([]);
  plan.dispose();
  tf.dispose([weights, rate.tensor]);
});

test('an assignment between replays counts, and snapshots keep their numbers', async () => {
  const [weights, best] = [variable([1, 2]), variable([0, 0])];
  const plan = captureStep(
    () => {
      weights.assign(tf.add(weights, 1));
      return { sum: tf.sum(weights) };
    },
    { inputs: [] },
  );
  await plan.replay();
  const snapshot = weights.clone();
  best.assign(weights);
  await plan.replay();
  expect([...(await snapshot.data())]).toEqual([2, 3]);
  expect([...(await best.data())]).toEqual([2, 3]);
  expect([...(await weights.data())]).toEqual([3, 4]);
  tf.tidy(() => weights.assign(tf.tensor1d([10, 20])));
  expect((await plan.replay())!['sum']![0]).toBe(32);
  expect([...(await best.data())]).toEqual([2, 3]);
  plan.dispose();
  expect([...(await weights.data())]).toEqual([11, 21]);
  tf.dispose([weights, best, snapshot]);
});

test('matrix products, gathered rows and slices are of the numbers of each replay', async () => {
  const [matrix, rows] = [liveTensor<Tensor2D>([3, 2]), liveTensor<Tensor1D>([2], 'int32')];
  const step = () => {
    const picked = tf.gather(matrix.tensor, rows.tensor);
    const product = tf.matMul(tf.ones([1, 2]) as Tensor2D, picked as Tensor2D);
    return { product, part: tf.slice(matrix.tensor, [1, 1], [1, 1]) };
  };
  const plan = captureStep(step, { inputs: [matrix, rows] });
  for (const [values, which, sums, part] of [
    [[1, 2, 3, 4, 5, 6], [0, 2], [6, 8], 4],
    [[9, 8, 7, 6, 5, 4], [1, 1], [14, 12], 6],
  ] as const) {
    matrix.write(values);
    rows.write(which);
    const found = (await plan.replay())!;
    expect([...found['product']!]).toEqual(sums);
    expect([...found['part']!]).toEqual([part]);
  }
  plan.dispose();
  tf.dispose([matrix.tensor, rows.tensor]);
});

test('a batch that is no live tensor is told, and so are drawn numbers', () => {
  const images = tf.tidy(() => tf.keep(tf.range(0, 100)));
  const plan = captureStep(
    () => ({ sum: tf.sum(tf.mul(images, tf.tensor1d(Array.from({ length: 100 }, (_, n) => n % 7)))) }),
    { inputs: [] },
  );
  expect(plan.suspects.map(({ origin }) => origin).sort()).toEqual(['made before', 'made inside']);
  plan.dispose();
  images.dispose();
});

test('recordings are the same if they do the same with the same constants', () => {
  const weights = variable([1, 2]);
  const record = (factor: number) =>
    captureStep(
      () => {
        weights.assign(tf.mul(weights, factor));
        return { sum: tf.sum(weights) };
      },
      { inputs: [] },
    );
  const [a, b, c] = [record(2), record(2), record(3)];
  expect([a.sameAs(b), a.sameAs(c)]).toEqual([true, false]);
  for (const plan of [a, b, c]) plan.dispose();
  weights.dispose();
});

test.each([
  [
    'reads numbers',
    (weights: tf.Variable) => ({ sum: tf.scalar(tf.sum(weights).dataSync()[0]!) }),
    /reads numbers back/,
  ],
  [
    'makes a variable',
    () => ({ sum: tf.sum(tf.variable(tf.ones([2]), false, 'made inside')) }),
    /makes a variable/,
  ],
  [
    'has shapes that depend on numbers',
    (weights: tf.Variable) => ({ sum: tf.unique(weights).values }),
    /Unique/,
  ],
])('a step that %s is refused, and nothing has changed', async (_, step, why) => {
  const weights = variable([1, 2]);
  const taking = () => {
    weights.assign(tf.mul(weights, 2));
    return step(weights);
  };
  expect(() => captureStep(taking, { inputs: [] })).toThrow(CannotCapture);
  expect(() => captureStep(taking, { inputs: [] })).toThrow(why);
  expect([...(await weights.data())]).toEqual([1, 2]);
  tf.dispose([
    weights,
    ...Object.values(tf.engine().registeredVariables).filter(({ name }) => name === 'made inside'),
  ]);
});

test('updates write into the variables themselves, and what was read before keeps its numbers', async () => {
  const [weights, velocity] = [variable([1, 2, 3]), variable([0, 0, 0])];
  const rule = liveTensor<Tensor1D>([4]);
  const step = () => {
    const before = weights.clone();
    const gradient = tf.mul(weights, 2);
    updateInPlace('sgd', [{ variable: weights, gradient, slots: [velocity] }], rule.tensor);
    return { before, after: tf.add(weights, 0) };
  };
  const alone = () => {
    updateInPlace('sgd', [{ variable: weights, gradient: tf.ones([3]), slots: [velocity] }], rule.tensor);
    return { after: tf.add(weights, 0) };
  };
  const plans = [step, alone].map((each) => captureStep(each, { inputs: [rule] }));
  rule.write([0.25, 0, 0, 0]);
  // A clone that outlives the update needs a copy of the variable; without one nothing is copied but the result.
  expect(plans.map(({ copies }) => copies)).toEqual([2 + 2, 1]);
  const found = (await plans[0]!.replay())!;
  expect([found['before'], found['after']].map((numbers) => [...numbers!])).toEqual([
    [1, 2, 3],
    [0.5, 1, 1.5],
  ]);
  const snapshot = weights.clone();
  expect([...(await plans[1]!.replay())!['after']!]).toEqual([0.25, 0.75, 1.25]);
  expect([...(await snapshot.data())]).toEqual([0.5, 1, 1.5]);
  expect([...(await weights.data())]).toEqual([0.25, 0.75, 1.25]);
  plans.forEach((plan) => plan.dispose());
  tf.dispose([weights, velocity, snapshot, rule.tensor]);
});

test("a ReLU right after batch norm is its kernel's work, unless what lies between is read", async () => {
  // Of six rows the maps are as small as the coefficients, whose memory they get.
  for (const rows of [16, 6]) {
    const input = liveTensor<Tensor2D>([rows, 5]);
    input.write(Array.from({ length: 5 * rows }, (_, n) => Math.sin(3 * n)));
    const five = (value: number) => tf.fill([5], value);
    const statistics = () => ({ scale: five(2), offset: five(0.5), mean: five(0.1), variance: five(0.3) });
    const normed = () => runFused('RetortNormalise', { x: input.tensor, ...statistics() })[0]!;
    const cut = (x: Tensor) => runFused('RetortRelu', { x })[0]!;
    const steps: (() => Record<string, Tensor>)[] = [
      () => ({ maps: tf.add(cut(normed()), 0) }),
      () => {
        const between = normed();
        return { maps: tf.add(cut(between), 0), between };
      },
      () => {
        const between = normed();
        const maps = tf.add(cut(between), 0);
        return { maps, sum: tf.sum(between) };
      },
    ];
    const eager = tf.tidy(() => [normed(), cut(normed())]);
    const [between, maps] = await Promise.all(eager.map(async (each) => [...(await each.data())]));
    for (const [n, step] of steps.entries()) {
      const plan = captureStep(step, { inputs: [input] });
      expect(plan.shaders.has('relu')).toBe(n > 0 || rows === 6);
      const found = (await plan.replay())!;
      expect([...found['maps']!]).toEqual(maps);
      if (n === 1) expect([...found['between']!]).toEqual(between);
      plan.dispose();
    }
    tf.dispose([...eager, input.tensor]);
  }
});
