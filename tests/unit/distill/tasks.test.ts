/** Losses, states and scores of the tasks, against numbers worked out by hand or by scikit-learn 1.2. */
import { beforeAll, describe, expect, it } from 'vitest';
import { targetsOf, type Dataset, type TargetSpec, type Targets } from '../../../src/data/dataset';
import { averagePrecision } from '../../../src/distill/tasks/multilabel';
import type { Task } from '../../../src/distill/tasks/task';
import { taskOf } from '../../../src/distill/tasks/task-of';
import { tf, type Tensor } from '../../../src/engine/tf';
import { RandomStream } from '../../../src/random/streams';
import { useWasm } from '../../support/wasm-in-node';

beforeAll(useWasm);

function asking(
  target: TargetSpec,
  values: Targets['values'],
  shape: number[],
  known: number[],
): [Task, Targets] {
  const split = {
    count: known.length,
    inputs: {},
    targets: { values, shape },
    known: Uint8Array.from(known),
  };
  const dataset: Dataset = {
    id: 'upload',
    title: '',
    task: 'classification',
    inputs: {},
    target,
    train: split,
    test: split,
  };
  return [taskOf(dataset), targetsOf(split)];
}

const rowsOf = ({ known }: Targets) => Int32Array.from(known.keys());
const numbers = (tensor: Tensor) => [...tensor.dataSync()];

function lossOf(task: Task, targets: Targets, output: number[][]): number[] {
  return tf.tidy(() => {
    const encoded = tf.tensor2d(task.encode(targets, rowsOf(targets)), [targets.known.length, task.width]);
    return numbers(task.losses(tf.tensor2d(output), encoded));
  });
}

describe('numbers', () => {
  const target: TargetSpec = { kind: 'number', names: ['angle'], units: ['°'] };
  const [task, targets] = asking(target, Float32Array.of(10, 20, 30, 99), [1], [1, 1, 1, 0]);
  const deviation = Math.sqrt(200 / 3);

  it('are learned in deviations from their mean; a row without a target has no loss', () => {
    const found = lossOf(task, targets, [[0], [1], [2], [5]]);
    const expected = [(10 / deviation) ** 2, 1, (2 - 10 / deviation) ** 2, 0];
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });

  it('are scored in their own unit', () => {
    const output = Float32Array.of(-10 / deviation, 0.5, 10 / deviation, 7);
    const { scores } = task.measure(output, targets);
    expect(scores['mae']).toBeCloseTo((0.5 * deviation) / 3, 4);
    expect(scores['rmse']).toBeCloseTo((0.5 * deviation) / Math.sqrt(3), 4);
    expect(scores['r2']).toBeCloseTo(1 - 0.25 / 3, 5);
    expect([...task.shown(output)].map(Math.round)).toEqual([10, 24, 30, 77]);
  });

  it('a known row can be made to count more often, or not at all', () => {
    const encoded = task.encode(targets, rowsOf(targets));
    task.weighRow(encoded, 1, 3);
    task.weighRow(encoded, 0, 0);
    const losses = tf.tidy(() =>
      numbers(task.losses(tf.tensor2d([[1], [1], [1], [1]]), tf.tensor2d(encoded, [4, 2]))),
    );
    expect(losses[0]).toBe(0);
    expect(losses[1]).toBeCloseTo(3, 5);
  });

  it('are made wrong by exchanging them between rows', () => {
    const values = Float32Array.from({ length: 20 }, (_, i) => i);
    const [noisy, given] = asking(target, values.slice(), [1], new Array<number>(20).fill(1));
    const rows = [...given.known.keys()];
    expect(noisy.corrupt(given, rows, 50, 'next', RandomStream.fork(1, 'noise'))).toBe(10);
    expect([...given.values].filter((value, i) => value !== values[i])).toHaveLength(10);
    expect([...given.values].sort((a, b) => a - b)).toEqual([...values]);
  });

  it('fall into ten groups by size', () => {
    const values = Float32Array.from({ length: 40 }, (_, i) => (i * 7) % 40);
    const [sorted, given] = asking(target, values, [1], new Array<number>(40).fill(1));
    const { count, of } = sorted.strata(given);
    expect(count).toBe(10);
    of.forEach((stratum, row) => expect(stratum).toBe(Math.floor(values[row]! / 4)));
  });
});

describe('several labels', () => {
  const target: TargetSpec = { kind: 'labels', names: ['a', 'b', 'c'] };
  const values = Uint8Array.of(1, 0, 1, 0, 1, 0, 1, 1, 0);
  const [task, targets] = asking(target, values, [3], [1, 1, 0]);

  it('have a binary cross-entropy each', () => {
    const bce = (z: number, y: number) => Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - z * y;
    const found = lossOf(task, targets, [
      [2, -1, 0],
      [30, -30, 0.5],
      [1, 1, 1],
    ]);
    expect(found[0]).toBeCloseTo((bce(2, 1) + bce(-1, 0) + bce(0, 1)) / 3, 5);
    expect(found[1]).toBeCloseTo((bce(30, 0) + bce(-30, 1) + bce(0.5, 0)) / 3, 4);
    expect(found[2]).toBe(0);
  });

  it('have a gradient that stays finite for sure answers', async () => {
    const encoded = tf.tensor2d(task.encode(targets, rowsOf(targets)), [3, task.width]);
    const gradient = tf.grad((z) => tf.sum(task.losses(z, encoded)))(tf.fill([3, 3], 80));
    expect((await gradient.data()).every(Number.isFinite)).toBe(true);
    encoded.dispose();
    gradient.dispose();
  });

  it('are scored by average precision and F1', () => {
    // scikit-learn: average_precision_score([0,0,1,1], [.1,.4,.35,.8]) = 0.8333
    expect(averagePrecision([0.1, 0.4, 0.35, 0.8], [false, false, true, true])).toBeCloseTo(0.83333, 4);
    // Equal scores count together: the share of positives.
    expect(averagePrecision([1, 1, 1, 1], [true, false, false, false])).toBeCloseTo(0.25, 6);
    const [both, all] = asking(target, Uint8Array.of(1, 0, 1, 0, 1, 0), [3], [1, 1]);
    const perfect = both.measure(Float32Array.of(3, -3, 3, -3, 3, -3), all);
    expect(perfect.scores).toEqual({ map: 1, f1: 1 });
    expect(both.measure(Float32Array.of(-3, 3, -3, 3, -3, 3), all).scores['f1']).toBe(0);
  });
});

describe('scores beside them', () => {
  const logs = (...shares: number[]) => Float32Array.from(shares.map(Math.log));

  it('of classes: likelihood, calibration, classes, and how near the teacher is', () => {
    const [task, targets] = asking(
      { kind: 'class', names: ['a', 'b', 'c'] },
      Int32Array.of(0, 0, 0, 1),
      [],
      [1, 1, 1, 1],
    );
    const output = logs(0.7, 0.2, 0.1, 0.7, 0.2, 0.1, 0.2, 0.7, 0.1, 0.1, 0.7, 0.2);
    const teacher = logs(0.7, 0.2, 0.1, 0.2, 0.7, 0.1, 0.2, 0.7, 0.1, 0.1, 0.7, 0.2);
    const { scores, reliability, fidelity } = task.measureFurther(output, targets, teacher);
    expect(scores['nll']).toBeCloseTo(-(3 * Math.log(0.7) + Math.log(0.2)) / 4, 6);
    // All four lie in one bin: 0.7 confident, three of four right.
    expect(scores['ece']).toBeCloseTo(0.05, 6);
    expect(reliability!.counts.reduce((sum, count) => sum + count)).toBe(4);
    // Class a: two of three; class b: one of one; class c has none.
    expect(scores['classMean']).toBeCloseTo((2 / 3 + 1) / 2, 12);
    expect(scores['agreement']).toBe(0.75);
    const second = 0.2 * Math.log(2 / 7) + 0.7 * Math.log(3.5);
    expect(scores['kl']).toBeCloseTo(second / 4, 6);
    expect(fidelity!['agreement']).toEqual([2 / 3, 1, NaN]);
    expect(fidelity!['kl']![0]).toBeCloseTo(second / 3, 6);
    expect(task.fidelity(output, teacher)['agreement']).toEqual([1, 0, 1, 1]);
    expect(task.constantScore(targets)).toBe(0.75);
    expect(Object.keys(task.measureFurther(output, targets, null).scores)).toEqual([
      'nll',
      'ece',
      'classMean',
    ]);
  });

  it('of several labels: each label of each row counts', () => {
    const [task, targets] = asking(
      { kind: 'labels', names: ['a', 'b'] },
      Uint8Array.of(1, 0, 1, 1),
      [2],
      [1, 1],
    );
    const logit = (share: number) => Math.log(share / (1 - share));
    const output = Float32Array.from([0.9, 0.3, 0.3, 0.9].map(logit));
    const teacher = Float32Array.from([0.9, 0.3, 0.9, 0.9].map(logit));
    const { scores, fidelity } = task.measureFurther(output, targets, teacher);
    expect(scores['nll']).toBeCloseTo(-(2 * Math.log(0.9) + Math.log(0.7) + Math.log(0.3)) / 4, 6);
    // Two of 0.9, both present; two of 0.3, one present.
    expect(scores['ece']).toBeCloseTo((0.1 + 0.2) / 2, 6);
    expect(scores['agreement']).toBe(0.75);
    const off = 0.9 * Math.log(3) + 0.1 * Math.log(1 / 7);
    expect(scores['kl']).toBeCloseTo(off / 4, 6);
    expect(fidelity!['agreement']).toEqual([0.5, 1]);
    expect(task.fidelity(output, teacher)['agreement']).toEqual([1, 0.5]);
    // Label a is present in all rows, label b in half of them.
    expect(task.constantScore(targets)).toBe(0.75);
  });

  it('of numbers: the difference from the teacher, in the unit of the target', () => {
    const [task, targets] = asking(
      { kind: 'number', names: ['angle'], units: ['°'] },
      Float32Array.of(10, 20, 30, 99),
      [1],
      [1, 1, 1, 0],
    );
    const deviation = Math.sqrt(200 / 3);
    const { scores, reliability } = task.measureFurther(
      Float32Array.of(0, 1, 2, 5),
      targets,
      Float32Array.of(0, 0, 0, 0),
    );
    expect(scores['difference']).toBeCloseTo(deviation * Math.sqrt(5 / 3), 5);
    expect(reliability).toBeUndefined();
    expect(task.constantScore(targets)).toBeCloseTo(20 / 3, 6);
  });
});
