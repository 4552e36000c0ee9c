/** HKD's own arithmetic in its fused form against the composed one on the cpu backend. */
import { classification } from '../../../src/distill/tasks/classification';
import { beforeAll, describe, expect, test } from 'vitest';
import { hypergradients, virtualStep } from '../../../src/distill/weighting/hint-dynamic/bilevel';
import { HistoryTable } from '../../../src/distill/weighting/hint-dynamic/ensembling';
import { featureCount, metaFeatures } from '../../../src/distill/weighting/hint-dynamic/features';
import { metaGradients, metaWeights } from '../../../src/distill/weighting/hint-dynamic/meta-network';
import { chooseBackend } from '../../../src/engine/backends';
import { hasInstanceWeights, lengthsAndDeviations } from '../../../src/engine/instance-weights';
import { softmaxCrossEntropy } from '../../../src/engine/loss-ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { RandomStream } from '../../../src/random/streams';

type Numbers = (...shape: number[]) => Tensor;

/** Tensors with the same numbers on every backend. */
function numbers(): Numbers {
  const random = RandomStream.fork(3, 'numbers');
  return (...shape) =>
    tf.tensor(
      Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal()),
      shape,
    );
}

const [batch, pool, classes, hidden] = [7, 20, 10, 16];

/** Labels of five images, none for the others. */
const labels = () =>
  tf.concat([
    tf.cast(tf.oneHot(tf.tensor1d([3, 0, 9, 4, 4], 'int32'), classes), 'float32'),
    tf.zeros([2, classes]),
  ]) as Tensor2D;

function features(make: Numbers, hints: number): Record<string, Tensor> {
  const table = new HistoryTable(pool, hints, 'features');
  const visits = tf.tensor2d([0, 1, 2, 0, 5, 1, 0, ...Array<number>(pool - batch).fill(3)], [pool, 1]);
  table.table.assign(tf.concat([make(pool, 3 * hints), visits], 1) as Tensor2D);
  const [oneHot, student] = [labels(), tf.mul(make(batch, classes), 20)];
  const instances = {
    rows: tf.range(0, batch, 1, 'int32') as Tensor1D,
    targets: oneHot,
    taskLosses: softmaxCrossEntropy(student, oneHot),
    hints: make(batch, hints) as Tensor2D,
    student,
    teacher: make(batch, classes),
    progress: tf.scalar(0.3),
  };
  const found = metaFeatures(instances, table, classification(classes));
  table.dispose();
  return { found };
}

function network(make: Numbers, hints: number): Record<string, Tensor> {
  const inputs = featureCount(hints);
  const parameters = {
    kernel1: make(inputs, hidden),
    bias1: make(hidden),
    kernel2: make(hidden, hints),
    bias2: make(hints),
  };
  const [x, base] = [make(batch, inputs) as Tensor2D, tf.abs(make(1, hints))];
  const gradients = metaGradients(parameters, x, base, make(batch, hints) as Tensor2D);
  return { weights: metaWeights(parameters, x, base), ...gradients };
}

/** Visits of overlapping rows, the losses in the middle of a larger tensor; one of them leaves no trace. */
function history(make: Numbers, hints: number): Record<string, Tensor> {
  const table = new HistoryTable(pool, hints, 'history');
  const results: Record<string, Tensor> = {};
  for (const [visit, momentum] of [0.9, 0.5, 0.7, 0].entries()) {
    const rows = tf.range(visit * 3, visit * 3 + batch, 1, 'int32') as Tensor1D;
    const losses = { of: make(batch, hints + 3) as Tensor2D, first: 2 };
    const rule = { momentum, mix: 0.7, remember: visit !== 2 };
    const { used, spread } = table.blend(rows, tf.abs(make(batch, hints)) as Tensor2D, losses, rule);
    Object.assign(results, { [`used ${visit}`]: used, [`spread ${visit}`]: spread });
  }
  const { mean, count } = table.snapshot();
  const { lastLosses, square } = table.read(tf.range(0, pool, 1, 'int32'));
  table.dispose();
  return { ...results, mean, count, square, lastLosses };
}

/** More parameters than a dispatch takes, one of them larger than what one workgroup adds up, one that J does not use. */
const shapes = [[3, 3, 1, 8], [8], [100, 90], [5], [2, 3], [1], [7, 9], [4], [6, 2], [11], [1, 1, 4, 4], [3]];
const rules = [
  { momentum: 0, nesterov: false, weightDecay: 0.1 },
  { momentum: 0.9, nesterov: false, weightDecay: 0 },
  { momentum: 0.9, nesterov: true, weightDecay: 0.1 },
];

function bilevel(make: Numbers, hints: number): Record<string, Tensor> {
  const results: Record<string, Tensor> = {};
  for (const [n, rule] of rules.entries()) {
    const map = () => new Map(shapes.map((shape, v) => [`p${v}`, make(...shape)]));
    const [parameters, velocities, gradients] = [map(), map(), new Map<string, Tensor | null>(map())];
    gradients.set('p3', null);
    const step = { ...rule, rate: tf.scalar(0.1), velocity: (name: string) => velocities.get(name)! };
    const virtual = virtualStep(parameters, gradients, step);
    const direction = new Map<string, Tensor | null>(map());
    direction.set('p4', null);
    const slope = make(batch, hints);
    const found = hypergradients(
      {
        parameters,
        metaGradients: () => ({ loss: tf.scalar(1), gradients: direction }),
        // Linear, so that no rounding hides what the probe is.
        hintLosses: (at) => tf.mul(slope, tf.add(tf.sum(at.get('p0')!), tf.sum(at.get('p11')!))) as Tensor2D,
        step,
      },
      gradients,
      0.5,
    );
    const { values, unscaled, norm, eps } = found;
    for (const [name, value] of virtual) results[`rule ${n}, virtual ${name}`] = value;
    Object.assign(results, { [`norm ${n}`]: norm, [`eps ${n}`]: eps });
    Object.assign(results, { [`values ${n}`]: tf.mul(values, 10), [`unscaled ${n}`]: unscaled });
  }
  return results;
}

const parts = { features, network, history, bilevel };
const cases = Object.keys(parts).flatMap((part) =>
  [1, 3].map((hints) => ({ part: part as keyof typeof parts, hints })),
);

async function compute({ part, hints }: (typeof cases)[number]): Promise<Record<string, number[]>> {
  const results = tf.tidy(() => parts[part](numbers(), hints));
  const read: Record<string, number[]> = {};
  for (const [name, value] of Object.entries(results)) read[name] = Array.from(await value.data());
  tf.dispose(results);
  return read;
}

const reference: Record<string, number[]>[] = [];

beforeAll(async () => {
  await chooseBackend('cpu');
  for (const one of cases) reference.push(await compute(one));
  await chooseBackend('webgpu');
  expect(hasInstanceWeights()).toBe(true);
});

describe('fused arithmetic of hint-dynamic weights', () => {
  test.each(cases.map((one, n) => ({ ...one, n })))('$part, $hints hints', async ({ n, ...one }) => {
    const before = tf.memory().numTensors;
    const found = await withValidation(() => compute(one));
    expect(tf.memory().numTensors).toBe(before);
    expect(Object.keys(found)).toEqual(Object.keys(reference[n]!));
    for (const [name, values] of Object.entries(reference[n]!))
      values.forEach((value, i) =>
        expect(Math.abs(found[name]![i]! - value), `${name}[${i}]`).toBeLessThan(
          1e-4 * (1 + Math.abs(value)),
        ),
      );
  });

  test('there is no lesson where a slope is no number or the meta gradient vanishes', async () => {
    const run = async (direction: number, losses: number) => {
      const { values, unscaled } = hypergradients(
        {
          parameters: new Map([['p', tf.tensor1d([1, 2])]]),
          metaGradients: () => ({
            loss: tf.scalar(1),
            gradients: new Map([['p', tf.tensor1d([direction, 0])]]),
          }),
          hintLosses: (at) =>
            tf.mul(tf.slice(at.get('p')!, [0], [1]), tf.tensor2d([[1, losses]])) as Tensor2D,
          step: { rate: tf.scalar(1), momentum: 0, nesterov: false, weightDecay: 0, velocity: () => null },
        },
        new Map([['p', tf.tensor1d([0, 0])]]),
        0.01,
      );
      return [[...(await values.data())], [...(await unscaled.data())]];
    };
    tf.engine().startScope();
    const [usable, endless, still] = [await run(1, 3), await run(1, Infinity), await run(1e-10, 3)];
    tf.engine().endScope();
    expect(usable[1]![1]).toBeCloseTo(-3, 2);
    expect(endless[1]![0]).toBeCloseTo(-1, 2);
    expect(endless.map(([, second]) => Math.abs(second!))).toEqual([0, 0]);
    expect(still.flat().map(Math.abs)).toEqual([0, 0, 0, 0]);
  });

  test('lengths and deviations per hint', async () => {
    const x = tf.tensor2d([
      [3, 1],
      [4, 1],
    ]);
    const w = tf.tensor2d([
      [1, 5],
      [3, 5],
    ]);
    const found = tf.tidy(() => lengthsAndDeviations(x, w));
    const values = await Promise.all(found.map(async (one) => (await one.data())[0]));
    tf.dispose([x, w, ...found]);
    [5, Math.SQRT2, 1, 0].forEach((value, n) => expect(values[n]).toBeCloseTo(value, 5));
  });

  test('a history that shares its numbers is written alone', async () => {
    const table = new HistoryTable(4, 1, 'shared');
    const kept = table.table.clone();
    const [row, one] = [tf.tensor1d([2], 'int32'), tf.tensor2d([[1]])];
    const rule = { momentum: 0, mix: 0, remember: true };
    tf.dispose(tf.tidy(() => table.blend(row, one, { of: one, first: 0 }, rule)));
    const after = table.snapshot();
    expect([...(await kept.data())]).toEqual(Array(16).fill(0));
    expect([...(await after.mean.data())]).toEqual([0, 0, 1, 0]);
    tf.dispose([kept, after.mean, after.count, row, one]);
    table.dispose();
  });
});
