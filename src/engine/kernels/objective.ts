/**
 * The sum over a batch's losses, each times its weight: the last op before the gradient and the first one after it. As
 * stock ops it takes about a dozen dispatches of a few numbers, which is what a small step then mostly consists of.
 */
import type { Step } from '../pending';
import type { RawKernel } from '../webgpu-backend';
import { cooperative, flat, teamOf } from './wgsl';

export interface WeightedLosses {
  /** Numbers of losses. */
  count: number;
  /** Numbers of weights, which are repeated: one for all, one per column or one per loss. */
  weights: number;
}

/** losses, weights, divisor [one] -> sum of losses times weights, divided [one]; a team of threads does it. */
export function weightedSum({ count, weights }: WeightedLosses, steps: readonly Step[]): RawKernel {
  return cooperative({
    name: ['weighted losses', ...steps].join(', '),
    read: ['losses: f32', 'weights: f32', 'divisor: f32'],
    write: ['y: f32'],
    results: 1,
    sums: { count: 1, type: 'f32' },
    body: `
      for (var n = t; n < ${count}; n += ${teamOf(1, 'f32')}) { sum0 += losses[n] * weights[n % ${weights}]; }`,
    after: 'if (t == 0) { y[0] = finish(0, total(0) / divisor[0]); }',
    finish: { steps, channels: 1 },
  });
}

/** dy, weights, divisor [one] -> gradient of the losses; a thread per loss. */
export function weightedSumGradient({ count, weights }: WeightedLosses, steps: readonly Step[]): RawKernel {
  return flat({
    name: ['weighted losses gradient', ...steps].join(', '),
    read: ['dy: f32', 'weights: f32', 'divisor: f32'],
    write: ['dx: f32'],
    threads: count,
    body: `dx[i] = finish(i, dy[0] * weights[i % ${weights}] / divisor[0]);`,
    finish: { steps, channels: 1 },
  });
}

/** x [rows,columns] -> its columns, a tensor each; a thread per row. */
export function columnsOf(rows: number, columns: number): RawKernel {
  const names = Array.from({ length: columns }, (_, c) => `y${c}`);
  return flat({
    name: 'columns',
    read: ['x: f32'],
    write: names.map((name) => `${name}: f32`),
    threads: rows,
    body: names.map((name, c) => `${name}[i] = x[i * ${columns} + ${c}];`).join('\n'),
  });
}
