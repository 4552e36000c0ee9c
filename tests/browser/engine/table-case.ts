/** Values and gradients of something written over the op table, to be compared between backends. */
import { beforeAll, expect } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { opsOverTensors } from '../../../src/engine/fused';
import { gradientsOf } from '../../../src/engine/gradients';
import type { Ops } from '../../../src/engine/ops';
import { tf, type Scalar, type Tensor } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { RandomStream } from '../../../src/random/streams';
import { onWebgpu } from '../on-webgpu';

export interface Case {
  name: string;
  /** Shapes of what is differentiated; the first is the input. */
  shapes: Record<string, number[]>;
  run: (ops: Ops<Tensor>, given: Record<string, Tensor>) => Tensor;
  training?: boolean;
  /** Keeps the first input from having unlike neighbours: for ties, and for a mean far from zero. */
  first?: (value: number) => number;
}

/**
 * A scalar whose gradient by `y` is the sine of 1 + 3i. Its value, at which no test looks, is zero: a true sum of products
 * would be three kernels to compile per shape that are not what is tested.
 */
export function weighted(y: Tensor): Scalar {
  const pattern = Float32Array.from({ length: y.size }, (_, i) => Math.sin(1 + 3 * i));
  const sum = tf.customGrad((x) => ({
    value: tf.scalar(0),
    gradFunc: () => tf.tensor(pattern, (x as Tensor).shape),
  }));
  return sum(y);
}

/** The output, then the gradient for each input; both weighted by a pattern. */
export async function compute({ shapes, run, training = true, first }: Case): Promise<Float32Array[]> {
  const values = RandomStream.fork(1, 'values');
  const tensors = tf.tidy(() => {
    const given = Object.entries(shapes).map(([name, shape], n) => {
      const numbers = Array.from({ length: tf.util.sizeFromShape(shape) }, () => values.normal());
      return [name, tf.tensor(n === 0 && first ? numbers.map(first) : numbers, shape)] as const;
    });
    const named = Object.fromEntries(given);
    // Unless given, statistics are constants, whatever they were taken from.
    const mean = named['n.running_mean'] ?? tf.mul(named['n.bias'] ?? 0, 0.5);
    const variance = named['n.running_var'] ?? tf.add(tf.square(mean), 0.5);
    const ops = opsOverTensors({
      weights: (name) => named[name]!,
      statistics: (name) => (name.endsWith('mean') ? mean : variance),
      training,
    });
    let output: Tensor | null = null;
    const { gradients } = gradientsOf(
      () => {
        const y = run(ops, named);
        output = tf.keep(y.clone());
        return weighted(y);
      },
      given.map(([, tensor]) => tensor),
    );
    return [output! as Tensor, ...gradients.flatMap((gradient) => gradient ?? [])];
  });
  const numbers = await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
  tf.dispose(tensors);
  return numbers;
}

/** Every number of `found` up to rounding, measured by the largest of its tensor. */
export function expectSame(found: readonly Float32Array[], wanted: readonly Float32Array[]): void {
  expect(found).toHaveLength(wanted.length);
  found.forEach((values, t) => {
    expect(values).toHaveLength(wanted[t]!.length);
    const largest = wanted[t]!.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const bound = 2e-6 + 2e-5 * largest;
    // Not an expectation for each number, which takes longer than the kernel. What is no number is off, too.
    const off = values.findIndex((value, i) => !(Math.abs(value - wanted[t]![i]!) <= bound));
    expect(off < 0 ? null : { place: off, found: values[off], wanted: wanted[t]![off] }).toBeNull();
  });
}

/**
 * Computes the cases on the cpu backend before the tests of a file, which then run on WebGPU.
 * @returns computes one of them there, compares it, sees that no tensor is left, and gives what it found
 */
export function comparedWithCpu(cases: readonly Case[]): (one: Case) => Promise<Float32Array[]> {
  const wanted = new Map<Case, Float32Array[]>();
  beforeAll(async () => {
    await chooseBackend('cpu');
    for (const one of cases) wanted.set(one, await compute(one));
  });
  onWebgpu({ allOps: true });
  return async (one) => {
    const before = tf.memory();
    const found = await withValidation(() => compute(one));
    expect(tf.memory()).toMatchObject({
      numTensors: before.numTensors,
      numDataBuffers: before.numDataBuffers,
    });
    expectSame(found, wanted.get(one)!);
    return found;
  };
}
