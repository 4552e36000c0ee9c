/**
 * Batch normalisation over all axes but the last, with or without ReLU, forward and backward. The stock composition
 * takes about 42 dispatches per layer, forward and backward together; this takes six.
 */
import type { RawKernel } from '../webgpu-backend';
import { flat, lines, vec, widthOf } from './wgsl';

/** Added to the variance before the root, as in PyTorch. */
const epsilon = 1e-5;

/** A map [B,H,W,C] or [B,C] as rows of channels. */
export interface Rows {
  rows: number;
  channels: number;
}

/** Threads that a first dispatch of sums should have, and the most partial sums that the second one adds up. */
const enoughThreads = 2048;
const mostShares = 128;

/** Into how many shares the rows are divided for sums per channel. */
export function sharesOf({ rows, channels }: Rows): number {
  const wanted = Math.ceil(enoughThreads / (channels / widthOf(channels)));
  const each = Math.ceil(rows / Math.min(wanted, mostShares, rows));
  return Math.ceil(rows / each);
}

/**
 * x [rows,C] -> [shares,2,C]: sums of x and of its square. Both are taken around the channel's first number: around
 * zero, the variance of a channel with a large mean would be lost in rounding.
 */
export function momentSums(shape: Rows): RawKernel {
  const type = vec(widthOf(shape.channels));
  return sums('batch moments', [`x: ${type}`], shape, {
    before: 'let origin = x[group];',
    each: `let d = x[at] - origin;
      first += d;
      second += d * d;`,
  });
}

/** x [rows,C], sums [shares,2,C] -> mean [C], variance [C], unbiased variance [C]. */
export function moments(shape: Rows): RawKernel {
  const { rows, channels } = shape;
  const width = widthOf(channels);
  const type = vec(width);
  return flat({
    name: 'batch statistics',
    read: [`x: ${type}`, `sums: ${type}`],
    write: [`mean: ${type}`, `variance: ${type}`, `unbiased: ${type}`],
    threads: channels / width,
    body: `
      ${addShares(shape)}
      let offset = first / ${rows};
      mean[i] = x[i] + offset;
      let v = max(second / ${rows} - offset * offset, ${type}());
      variance[i] = v;
      // The variance of a single row has no unbiased form; the biased one (zero) stands in.
      unbiased[i] = v * ${rows / Math.max(rows - 1, 1)};`,
  });
}

/** Rows per thread: the numbers of a channel are loaded once for all of them. */
const rowsEach = 4;

/** x [rows,C], scale, offset, mean, variance [C] -> normalised [rows,C]. */
export function normalise({ rows, channels }: Rows, relu: boolean): RawKernel {
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  return flat({
    name: relu ? 'batch norm, ReLU' : 'batch norm',
    read: ['x', 'scale', 'offset', 'mean', 'variance'].map((name) => `${name}: ${type}`),
    write: [`y: ${type}`],
    threads: Math.ceil(rows / rowsEach) * groups,
    body: `
      let group = i % ${groups};
      let start = i / ${groups} * ${rowsEach};
      let slope = scale[group] * inverseSqrt(variance[group] + ${epsilon});
      let m = mean[group];
      let o = offset[group];
      ${lines(rowsEach, (r) =>
        inside(
          r,
          rows,
          `let at = (start + ${r}) * ${groups} + group;
           let v = (x[at] - m) * slope + o;
           y[at] = ${relu ? `max(v, ${type}())` : 'v'};`,
        ),
      )}`,
  });
}

/**
 * dy, x [rows,C], scale, offset, mean, variance [C] -> [shares,2,C]: sums of dy and of dy * xhat, where dy counts only
 * where the ReLU let the number pass. (Computed again from x: keeping the output would cost memory and a load.)
 */
export function gradientSums(shape: Rows, relu: boolean): RawKernel {
  const type = vec(widthOf(shape.channels));
  const read = ['dy', 'x', 'scale', 'offset', 'mean', 'variance'].map((name) => `${name}: ${type}`);
  return sums('batch norm gradient sums', read, shape, {
    before: loadChannel,
    each: `let xhat = (x[at] - m) * inverse;
      let d = ${passed(relu, type)};
      first += d;
      second += d * xhat;`,
  });
}

/** sums [shares,2,C] -> gradients of scale and offset [C]. */
export function parameterGradients(shape: Rows): RawKernel {
  const width = widthOf(shape.channels);
  const type = vec(width);
  return flat({
    name: 'batch norm parameter gradients',
    read: [`sums: ${type}`],
    write: [`scale: ${type}`, `offset: ${type}`],
    threads: shape.channels / width,
    body: `
      ${addShares(shape)}
      scale[i] = second;
      offset[i] = first;`,
  });
}

/**
 * dy, x [rows,C], scale, offset, mean, variance, gradients of scale and offset [C] -> dx [rows,C].
 * With the statistics of the batch dx = slope * (dy - mean(dy) - xhat * mean(dy * xhat)); given statistics are
 * constants, so that dx = slope * dy.
 */
export function inputGradient({ rows, channels }: Rows, relu: boolean, given: boolean): RawKernel {
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  const read = ['dy', 'x', 'scale', 'offset', 'mean', 'variance', 'dscale', 'doffset'];
  const d = passed(relu, type);
  return flat({
    name: 'batch norm input gradient',
    read: read.slice(0, given ? 6 : 8).map((name) => `${name}: ${type}`),
    write: [`dx: ${type}`],
    threads: Math.ceil(rows / rowsEach) * groups,
    body: `
      let group = i % ${groups};
      let start = i / ${groups} * ${rowsEach};
      ${loadChannel}
      let slope = gamma * inverse;
      ${given ? '' : `let tilt = dscale[group] / ${rows};\nlet level = doffset[group] / ${rows};`}
      ${lines(rowsEach, (r) =>
        inside(
          r,
          rows,
          `let at = (start + ${r}) * ${groups} + group;
           let xhat = (x[at] - m) * inverse;
           dx[at] = slope * ${given ? d : `(${d} - level - xhat * tilt)`};`,
        ),
      )}`,
  });
}

const loadChannel = `
  let m = mean[group];
  let inverse = inverseSqrt(variance[group] + ${epsilon});
  let gamma = scale[group];
  let o = offset[group];`;

/** The gradient at `at`, or zero where the ReLU had cut the number off. */
function passed(relu: boolean, type: string): string {
  return relu ? `select(${type}(), dy[at], xhat * gamma + o > ${type}())` : 'dy[at]';
}

/** Two sums per channel over a share of the rows; `each` adds the row at `at` to `first` and `second`. */
function sums(
  name: string,
  read: readonly string[],
  shape: Rows,
  { before, each }: { before: string; each: string },
): RawKernel {
  const { rows, channels } = shape;
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  const shares = sharesOf(shape);
  const rowsPerShare = Math.ceil(rows / shares);
  return flat({
    name,
    read,
    write: [`sums: ${type}`],
    threads: shares * groups,
    body: `
      let group = i % ${groups};
      let share = i / ${groups};
      ${before}
      var first = ${type}();
      var second = ${type}();
      for (var r = share * ${rowsPerShare}; r < min((share + 1) * ${rowsPerShare}, ${rows}); r++) {
        let at = r * ${groups} + group;
        ${each}
      }
      sums[share * ${2 * groups} + group] = first;
      sums[share * ${2 * groups} + ${groups} + group] = second;`,
  });
}

/** The totals `first` and `second` of channel group i. */
function addShares(shape: Rows): string {
  const width = widthOf(shape.channels);
  const [groups, type] = [shape.channels / width, vec(width)];
  return `
    var first = ${type}();
    var second = ${type}();
    for (var share = 0; share < ${sharesOf(shape)}; share++) {
      first += sums[share * ${2 * groups} + i];
      second += sums[share * ${2 * groups} + ${groups} + i];
    }`;
}

/** Row `start + r` of a thread, if there is one. */
function inside(r: number, rows: number, work: string): string {
  return rows % rowsEach === 0 ? `{ ${work} }` : `if (start + ${r} < ${rows}) { ${work} }`;
}
