/**
 * Arithmetic over all parameters of a network, many of them in one dispatch: a virtual step or a point along a
 * direction, which as stock ops take several dispatches per parameter.
 */
import type { RawKernel } from '../webgpu-backend';
import { numberAt } from './reduce';
import { cooperative, flat, workgroupSizeOf } from './wgsl';

/** Computes each number of the results from those of a parameter. */
export interface ListRule {
  name: string;
  /** Names of the operands per parameter. */
  reads: readonly string[];
  /** Names of the results per parameter. */
  writes: readonly string[];
  /** Names of small tensors that all parameters share. */
  shared: readonly string[];
  /** WGSL over the operands (numbers by name) and `shared` (arrays by name); it assigns the results. */
  body: string;
}

/** rule: momentum, 1 for Nesterov, weight decay; rate [one]. */
export const momentumStep: ListRule = {
  name: 'virtual step',
  reads: ['theta', 'gradient', 'velocity'],
  writes: ['next'],
  shared: ['rule', 'rate'],
  body: `
    let decayed = gradient + rule[2] * theta;
    let moving = rule[0] * velocity + decayed;
    next = theta - rate[0] * select(moving, decayed + rule[0] * moving, rule[1] > 0);`,
};

/** The same without momentum. */
export const plainStep: ListRule = {
  name: 'virtual step without momentum',
  reads: ['theta', 'gradient'],
  writes: ['next'],
  shared: ['rule', 'rate'],
  body: 'next = theta - rate[0] * (gradient + rule[2] * theta);',
};

/** eps [one]: the points at that distance along a direction and opposite to it. */
export const probePoints: ListRule = {
  name: 'probe points',
  reads: ['theta', 'direction'],
  writes: ['ahead', 'behind'],
  shared: ['eps'],
  body: `
    ahead = theta + eps[0] * direction;
    behind = theta - eps[0] * direction;`,
};

/** Number of parameters that one dispatch can take with this many storage buffers per shader. */
export function parametersPerDispatch({ reads, writes, shared }: ListRule, storageBuffers: number): number {
  return Math.floor((storageBuffers - shared.length) / (reads.length + writes.length));
}

/**
 * Buffers in binding order: shared ones, the operands of each parameter, the results of each. One thread per number.
 * @param list per parameter its size, and the number of partial sums of each operand, which are added here
 */
export function listKernel(
  { name, reads, writes, shared, body }: ListRule,
  list: readonly { size: number; partials: readonly number[] }[],
): RawKernel {
  let end = 0;
  const branches = list.map(({ size, partials }, v) => {
    const begin = end;
    end += size;
    return `
      if (i < ${end}) {
        let at = i - ${begin};
        ${reads.map((read, r) => numberAt(read, `${read}${v}`, partials[r]!, size)).join('\n')}
        ${writes.map((write) => `var ${write} = 0.0;`).join('\n')}
        ${body}
        ${writes.map((write) => `${write}${v}[at] = ${write};`).join('\n')}
        return;
      }`;
  });
  const each = (names: readonly string[]) => list.flatMap((_, v) => names.map((one) => `${one}${v}: f32`));
  return flat({
    name,
    read: [...shared.map((one) => `${one}: f32`), ...each(reads)],
    write: each(writes),
    threads: end,
    body: branches.join('\n'),
  });
}

/** Numbers whose squares a workgroup adds up. */
const chunk = 8192;

/** Number of sums that `squares` returns for tensors of these sizes. */
export function squarePartials(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + Math.ceil(size / chunk), 0);
}

/**
 * Tensors -> sums of their squares; one workgroup per sum.
 * @param list per tensor its size and its number of partial sums
 * @param into index of the first sum in the result, after those of other dispatches
 */
export function squares(list: readonly { size: number; partials: number }[], into: number): RawKernel {
  let end = 0;
  const branches = list.map(({ size, partials }, v) => {
    const begin = end;
    end += Math.ceil(size / chunk);
    return `
      if (i >= ${begin} && i < ${end}) {
        let start = (i - ${begin}) * ${chunk};
        for (var at = start + t; at < min(start + ${chunk}, ${size}); at += ${workgroupSizeOf(1, 'f32')}) {
          ${numberAt('x', `x${v}`, partials, size)}
          sum0 += x * x;
        }
      }`;
  });
  return cooperative({
    name: 'squares',
    read: list.map((_, v) => `x${v}: f32`),
    write: ['y: f32'],
    results: end,
    sums: { count: 1, type: 'f32' },
    body: branches.join('\n'),
    after: `if (t == 0) { y[${into} + i] = total(0); }`,
  });
}

/** Sums of squares [count], delta [one] -> root of their sum, and delta divided by it [one each]. */
export function lengthOf(count: number): RawKernel {
  return flat({
    name: 'length of a list',
    read: ['sums: f32', 'delta: f32'],
    write: ['norm: f32', 'eps: f32'],
    threads: 1,
    body: `
      var sum = 0.0;
      for (var n = 0; n < ${count}; n++) { sum += sums[n]; }
      norm[0] = sqrt(sum);
      eps[0] = delta[0] / (sqrt(sum) + 1e-12);`,
  });
}
