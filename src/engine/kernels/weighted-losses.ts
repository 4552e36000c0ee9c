/**
 * The sum over a batch's losses, each times its weight: the last op before the gradient and the first one after it.
 * As stock ops it takes about a dozen dispatches of a few numbers, most of a small step.
 */
import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import { softmaxOf } from './logit-losses';
import { cooperative, flat, workgroupSizeOf } from './wgsl';

export interface WeightedLosses {
  /** Number of losses. */
  count: number;
  /** Number of weights, which are broadcast: one for all, one per column or one per loss. */
  weights: number;
}

/** losses, weights, divisor [one] -> sum of losses times weights, divided [one]; one workgroup. */
export function weightedSum({ count, weights }: WeightedLosses, steps: readonly Step[]): RawKernel {
  return cooperative({
    name: ['weighted losses', ...steps].join(', '),
    read: ['losses: f32', 'weights: f32', 'divisor: f32'],
    write: ['y: f32'],
    results: 1,
    sums: { count: 1, type: 'f32' },
    body: `
      for (var n = t; n < ${count}; n += ${workgroupSizeOf(1, 'f32')}) { sum0 += losses[n] * weights[n % ${weights}]; }`,
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

/** logits, labels [B,C], divisor [one] -> sum of cross-entropies, divided [one]; one workgroup. */
export function meanCrossEntropy(batch: number, classes: number, steps: readonly Step[]): RawKernel {
  return cooperative({
    name: ['mean cross-entropy', ...steps].join(', '),
    read: ['logits: f32', 'labels: f32', 'divisor: f32'],
    write: ['y: f32'],
    results: 1,
    sums: { count: 1, type: 'f32' },
    body: `
      for (var n = t; n < ${batch}; n += ${workgroupSizeOf(1, 'f32')}) {
        let row = n * ${classes};
        ${softmaxOf('logits', classes, 'top', 'all')}
        for (var c = 0; c < ${classes}; c++) { sum0 += labels[row + c] * (log(all) - (logits[row + c] - top)); }
      }`,
    after: 'if (t == 0) { y[0] = finish(0, total(0) / divisor[0]); }',
    finish: { steps, channels: 1 },
  });
}

/** dy, logits, labels, divisor -> gradient of the logits; a thread per image. */
export function meanCrossEntropyGradient(batch: number, classes: number, steps: readonly Step[]): RawKernel {
  return flat({
    name: ['mean cross-entropy gradient', ...steps].join(', '),
    read: ['dy: f32', 'logits: f32', 'labels: f32', 'divisor: f32'],
    write: ['dx: f32'],
    threads: batch,
    body: `
      let row = i * ${classes};
      let slope = dy[0] / divisor[0];
      ${softmaxOf('logits', classes, 'top', 'total')}
      var labelled = 0.0;
      for (var c = 0; c < ${classes}; c++) { labelled += labels[row + c]; }
      for (var c = 0; c < ${classes}; c++) {
        dx[row + c] = finish(row + c, slope * (exp(logits[row + c] - top) / total * labelled - labels[row + c]));
      }`,
    finish: { steps, channels: classes },
  });
}

export interface ObjectiveShape {
  batch: number;
  hints: number;
  /** Number of weights: one per hint, or one per loss. */
  weights: number;
}

/**
 * ce [B], losses [B,H], weights, rule -> objective and mean of ce [one each]; one workgroup. The three numbers of the
 * rule: factor of ce, divisors of the sums of ce and of losses.
 */
export function objective({ batch, hints, weights }: ObjectiveShape): RawKernel {
  const workgroupSize = workgroupSizeOf(2, 'f32');
  return cooperative({
    name: 'objective',
    read: ['ce: f32', 'losses: f32', 'weights: f32', 'rule: f32'],
    write: ['y: f32', 'mean: f32'],
    results: 1,
    sums: { count: 2, type: 'f32' },
    body: `
      for (var n = t; n < ${batch}; n += ${workgroupSize}) { sum0 += ce[n]; }
      for (var n = t; n < ${batch * hints}; n += ${workgroupSize}) { sum1 += losses[n] * weights[n % ${weights}]; }`,
    after: `
      if (t == 0) {
        let m = total(0) / rule[1];
        mean[0] = m;
        y[0] = rule[0] * m + total(1) / rule[2];
      }`,
  });
}

/** dy, weights, rule -> gradients of ce [B] and losses [B,H]; a thread per loss. */
export function objectiveGradient({ batch, hints, weights }: ObjectiveShape): RawKernel {
  return flat({
    name: 'objective gradient',
    read: ['dy: f32', 'weights: f32', 'rule: f32'],
    write: ['dce: f32', 'dlosses: f32'],
    threads: batch * hints,
    body: `
      if (i < ${batch}) { dce[i] = dy[0] * rule[0] / rule[1]; }
      dlosses[i] = dy[0] * weights[i % ${weights}] / rule[2];`,
  });
}

/**
 * raw and balanced losses [B,H], weights -> per hint `first` to `first + count - 1` the mean of raw, then per hint
 * that of balanced * weights [one each]; one thread each.
 */
export function hintMeans(
  { batch, hints, weights }: ObjectiveShape,
  first: number,
  count: number,
): RawKernel {
  const each = Array.from({ length: count }, (_, n) => n);
  const names = [...each.map((n) => `mean${n}`), ...each.map((n) => `part${n}`)];
  const result = (n: number) => {
    const at = `n * ${hints} + ${first + (n % count)}`;
    const value = n < count ? `raw[${at}]` : `balanced[${at}] * weights[(${at}) % ${weights}]`;
    return `if (i == ${n}) {
      var sum = 0.0;
      for (var n = 0; n < ${batch}; n++) { sum += ${value}; }
      ${names[n]}[0] = sum / ${batch};
    }`;
  };
  return flat({
    name: 'hint means',
    read: ['raw: f32', 'balanced: f32', 'weights: f32'],
    write: names.map((name) => `${name}: f32`),
    threads: names.length,
    body: names.map((_, n) => result(n)).join('\n'),
  });
}

/** x [rows,columns] -> its columns, one tensor each; one thread per row. */
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

/** Vectors [rows] -> the given columns of a matrix with this many columns; one thread per row. */
export function intoColumns(rows: number, columns: number, given: readonly number[]): RawKernel {
  return flat({
    name: 'into columns',
    read: given.map((_, n) => `x${n}: f32`),
    write: ['y: f32'],
    threads: rows,
    body: given.map((column, n) => `y[i * ${columns} + ${column}] = x${n}[i];`).join('\n'),
  });
}
