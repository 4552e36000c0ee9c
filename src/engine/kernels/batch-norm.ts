/**
 * Batch normalisation over all axes but the last with the statistics of the batch, forward and backward. The stock
 * composition takes about 42 dispatches per layer, forward and backward together; this takes two, and six where the
 * rows are many. A distillation step of the small CNN (8x8, batch 32) took 41 ms on the software adapter with fused ops
 * only, and 227 ms with the stock batch norm.
 *
 * Threads: x is seen as [rows,C], a group being 1, 2 or 4 neighbouring channels. Sums are made by a team of threads per
 * group, whose member t takes the rows t, t + team, ...; or, of many rows, by a thread per group and share of the rows.
 * What is done row by row afterwards is done by the same team, or by a thread per group and four rows.
 *
 * What both directions need of a channel is kept as one tensor [4,C] of coefficients: mean, 1/deviation, scale, offset.
 */
import type { Step } from '../pending';
import type { RawKernel } from '../webgpu-backend';
import { cooperative, flat, lines, normEpsilon, teamOf, vec, widthOf } from './wgsl';

/** A map [B,H,W,C] or [B,C] as rows of channels. */
export interface Rows {
  rows: number;
  channels: number;
}

/**
 * Up to so many rows, one team of threads per group of channels does a direction in one dispatch: it makes the sums and
 * goes on with the rows. Beyond, a card would idle: there, shares of the rows are summed by as many threads as there may
 * be and added up in a second dispatch, and a third one does the rows.
 */
const rowsOfTeam = 4096;

/** Threads that a first dispatch of sums should have, and the most partial sums that the second one adds up. */
const enoughThreads = 2048;
const mostShares = 128;

/** Into how many shares the rows are divided for sums per channel; 1 where a team does it all. */
export function sharesOf({ rows, channels }: Rows): number {
  if (rows <= rowsOfTeam) return 1;
  const wanted = Math.ceil(enoughThreads / (channels / widthOf(channels)));
  const each = Math.ceil(rows / Math.min(wanted, mostShares));
  return Math.ceil(rows / each);
}

/** Two sums per channel; `first` and `second` are what the row at `at` adds to them. */
interface Sums {
  name: string;
  read: readonly string[];
  /** Runs once, with `group`. */
  before: string;
  /** Runs per row. */
  first: string;
  second: string;
}

/**
 * Sums of x and of its square. Both are taken around the channel's first number: around zero, the variance of a channel
 * with a large mean would be lost in rounding.
 */
const momentSums = (type: string): Sums => ({
  name: 'batch statistics',
  read: [`x: ${type}`],
  before: 'let origin = x[group];',
  first: 'x[at] - origin',
  second: '(x[at] - origin) * (x[at] - origin)',
});

/** Sums of dy and of dy * xhat. */
const gradientSums = (channels: number): Sums => {
  const width = widthOf(channels);
  return {
    name: 'batch norm parameter gradients',
    read: ['dy', 'x', 'coefficients'].map((name) => `${name}: ${vec(width)}`),
    before: `
      let m = coefficients[group];
      let inverse = coefficients[${channels / width} + group];`,
    first: 'dy[at]',
    second: 'dy[at] * (x[at] - m) * inverse',
  };
};

/** What is known of the channels `group` once their sums are `first` and `second`. */
const moments = ({ rows, channels }: Rows): string => `
  let shift = first / ${rows};
  let v = max(second / ${rows} - shift * shift, ${vec(widthOf(channels))}());
  let m = x[group] + shift;
  let inverse = inverseSqrt(v + ${normEpsilon});
  let gamma = scale[group];
  let o = offset[group];`;

const storeMoments = ({ rows, channels }: Rows): string => {
  const groups = channels / widthOf(channels);
  return `
    mean[group] = m;
    // The variance of a single row has no unbiased form; the biased one (zero) stands in.
    unbiased[group] = v * ${rows / Math.max(rows - 1, 1)};
    coefficients[group] = m;
    coefficients[${groups} + group] = inverse;
    coefficients[${2 * groups} + group] = gamma;
    coefficients[${3 * groups} + group] = o;`;
};

const momentOutputs = (type: string) => [`coefficients: ${type}`, `mean: ${type}`, `unbiased: ${type}`];

/** Where a team does it: x, scale, offset -> coefficients [4,C], mean [C], unbiased variance [C]. */
export function statistics(shape: Rows): RawKernel {
  const type = vec(widthOf(shape.channels));
  const sums = momentSums(type);
  return summed(shape, sums, {
    read: [...sums.read, `scale: ${type}`, `offset: ${type}`],
    write: momentOutputs(type),
    known: moments(shape),
    store: storeMoments(shape),
  });
}

/** The same with the rows: x, scale, offset -> normalised [rows,C], coefficients, mean, unbiased variance. */
export function batchNorm(shape: Rows, steps: readonly Step[]): RawKernel {
  const type = vec(widthOf(shape.channels));
  const sums = { ...momentSums(type), name: ['batch norm', ...steps].join(', ') };
  return summed(shape, sums, {
    read: [...sums.read, `scale: ${type}`, `offset: ${type}`],
    write: [`y: ${type}`, ...momentOutputs(type)],
    known: moments(shape),
    store: storeMoments(shape),
    row: normalisedRow,
    steps,
  });
}

/** Else in two: x -> [shares,2,C]. */
export function statisticShares(shape: Rows): RawKernel {
  return shares(shape, momentSums(vec(widthOf(shape.channels))));
}

/** x, scale, offset, shares [shares,2,C] -> as `statistics`. */
export function statisticsOfShares(shape: Rows): RawKernel {
  const type = vec(widthOf(shape.channels));
  return ofShares(shape, {
    name: 'batch statistics, summed',
    read: [`x: ${type}`, `scale: ${type}`, `offset: ${type}`],
    write: momentOutputs(type),
    known: moments(shape),
    store: storeMoments(shape),
  });
}

const storeGradients = 'dscale[group] = second; doffset[group] = first;';
const gradientOutputs = (type: string) => [`dscale: ${type}`, `doffset: ${type}`];

/** Where a team does it: dy, x, coefficients -> gradients of scale and offset [C]. */
export function parameterGradients(shape: Rows): RawKernel {
  const type = vec(widthOf(shape.channels));
  const sums = gradientSums(shape.channels);
  return summed(shape, sums, {
    read: sums.read,
    write: gradientOutputs(type),
    known: '',
    store: storeGradients,
  });
}

/** The same with the rows: dy, x, coefficients -> dx [rows,C] (see `inputGradient`), gradients of scale and offset. */
export function gradients(shape: Rows, steps: readonly Step[]): RawKernel {
  const { rows, channels } = shape;
  const type = vec(widthOf(channels));
  const sums = { ...gradientSums(channels), name: ['batch norm gradients', ...steps].join(', ') };
  return summed(shape, sums, {
    read: sums.read,
    write: [`dx: ${type}`, ...gradientOutputs(type)],
    known: `
      let slope = coefficients[${(2 * channels) / widthOf(channels)} + group] * inverse;
      let tilt = second / ${rows};
      let level = first / ${rows};`,
    store: storeGradients,
    row: gradientRow,
    steps,
  });
}

/** Else in two: dy, x, coefficients -> [shares,2,C]. */
export function parameterGradientShares(shape: Rows): RawKernel {
  return shares(shape, gradientSums(shape.channels));
}

/** shares [shares,2,C] -> gradients of scale and offset [C]. */
export function parameterGradientsOfShares(shape: Rows): RawKernel {
  const type = vec(widthOf(shape.channels));
  return ofShares(shape, {
    name: 'batch norm parameter gradients, summed',
    read: [],
    write: gradientOutputs(type),
    known: '',
    store: storeGradients,
  });
}

/** scale, offset, mean, variance [C], given and not of a batch -> coefficients [4,C]. */
export function givenCoefficients(channels: number): RawKernel {
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  return flat({
    name: 'batch norm coefficients',
    read: ['scale', 'offset', 'mean', 'variance'].map((name) => `${name}: ${type}`),
    write: [`coefficients: ${type}`],
    threads: groups,
    body: `
      coefficients[i] = mean[i];
      coefficients[${groups} + i] = inverseSqrt(variance[i] + ${normEpsilon});
      coefficients[${2 * groups} + i] = scale[i];
      coefficients[${3 * groups} + i] = offset[i];`,
  });
}

/** Rows per thread: the numbers of a channel are loaded once for all of them. */
const rowsEach = 4;

/** x [rows,C], coefficients -> normalised [rows,C]. */
export function normalise({ rows, channels }: Rows, steps: readonly Step[]): RawKernel {
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  return flat({
    name: ['batch norm', ...steps].join(', '),
    read: [`x: ${type}`, `coefficients: ${type}`],
    write: [`y: ${type}`],
    threads: Math.ceil(rows / rowsEach) * groups,
    body: `
      let group = i % ${groups};
      let start = i / ${groups} * ${rowsEach};
      ${loadChannel(groups)}
      ${eachRow(rows, groups, normalisedRow)}`,
    finish: { steps, channels },
  });
}

/**
 * dy, x [rows,C], coefficients, gradients of scale and offset [C] -> dx [rows,C].
 * With the statistics of the batch dx = slope * (dy - mean(dy) - xhat * mean(dy * xhat)); given statistics are
 * constants, so that dx = slope * dy (and the kernel reads neither x nor gradients).
 */
export function inputGradient({ rows, channels }: Rows, given: boolean, steps: readonly Step[]): RawKernel {
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  const read = given ? ['dy', 'coefficients'] : ['dy', 'x', 'coefficients', 'dscale', 'doffset'];
  return flat({
    name: ['batch norm input gradient', ...steps].join(', '),
    read: read.map((name) => `${name}: ${type}`),
    write: [`dx: ${type}`],
    threads: Math.ceil(rows / rowsEach) * groups,
    body: `
      let group = i % ${groups};
      let start = i / ${groups} * ${rowsEach};
      ${loadChannel(groups)}
      let slope = gamma * inverse;
      ${given ? '' : `let tilt = dscale[group] / ${rows};\nlet level = doffset[group] / ${rows};`}
      ${eachRow(rows, groups, given ? 'dx[at] = finish(at, slope * dy[at]);' : gradientRow)}`,
    finish: { steps, channels },
  });
}

const normalisedRow = 'y[at] = finish(at, (x[at] - m) * inverse * gamma + o);';
const gradientRow = 'dx[at] = finish(at, slope * (dy[at] - level - (x[at] - m) * inverse * tilt));';

function loadChannel(groups: number): string {
  return `
    let m = coefficients[group];
    let inverse = coefficients[${groups} + group];
    let gamma = coefficients[${2 * groups} + group];
    let o = coefficients[${3 * groups} + group];`;
}

/** For each row of a thread that begins at row `start`. */
function eachRow(rows: number, groups: number, work: string): string {
  return lines(rowsEach, (r) => {
    const body = `{ let at = (start + ${r}) * ${groups} + group; ${work} }`;
    return rows % rowsEach === 0 ? body : `if (start + ${r} < ${rows}) ${body}`;
  });
}

interface Result {
  read: readonly string[];
  write: readonly string[];
  /** Made of `group` and its sums `first` and `second`. */
  known: string;
  /** Stores what there is one of per channel. */
  store: string;
}

/** Both sums of each group of channels by a team, which then may go on with each `row`. */
function summed(
  { rows, channels }: Rows,
  sums: Sums,
  { read, write, known, store, row, steps }: Result & { row?: string; steps?: readonly Step[] },
): RawKernel {
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  const team = teamOf(2, type);
  const walkOn =
    row && `for (var r = t; r < ${rows}; r += ${team}) { let at = r * ${groups} + group; ${row} }`;
  return cooperative({
    name: sums.name,
    read,
    write,
    results: groups,
    sums: { count: 2, type },
    body: `
      let group = i;
      ${walk(sums, groups, 't', `${team}`, `${rows}`)}`,
    after: `
      let first = total(0);
      let second = total(1);
      ${known}
      if (t == 0) { ${store} }
      ${walkOn ?? ''}`,
    ...(steps && { finish: { steps, channels } }),
  });
}

/** Both sums of each group of channels over a share of the rows: [shares,2,C]. */
function shares(shape: Rows, sums: Sums): RawKernel {
  const { rows, channels } = shape;
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  const count = sharesOf(shape);
  const each = Math.ceil(rows / count);
  return flat({
    name: `${sums.name}, shares`,
    read: sums.read,
    write: [`sums: ${type}`],
    threads: count * groups,
    body: `
      let group = i % ${groups};
      let share = i / ${groups};
      var sum0 = ${type}();
      var sum1 = ${type}();
      ${walk(sums, groups, `share * ${each}`, '1', `min((share + 1) * ${each}, ${rows})`)}
      sums[share * ${2 * groups} + group] = sum0;
      sums[share * ${2 * groups} + ${groups} + group] = sum1;`,
  });
}

/** Adds rows to `sum0` and `sum1`. */
function walk(
  { before, first, second }: Sums,
  groups: number,
  start: string,
  step: string,
  end: string,
): string {
  return `
    ${before}
    for (var r = ${start}; r < ${end}; r += ${step}) {
      let at = r * ${groups} + group;
      sum0 += ${first};
      sum1 += ${second};
    }`;
}

/** What is made of the shares' totals. */
function ofShares(shape: Rows, { name, read, write, known, store }: Result & { name: string }): RawKernel {
  const width = widthOf(shape.channels);
  const [groups, type] = [shape.channels / width, vec(width)];
  return flat({
    name,
    read: [...read, `sums: ${type}`],
    write,
    threads: groups,
    body: `
      let group = i;
      var first = ${type}();
      var second = ${type}();
      for (var share = 0; share < ${sharesOf(shape)}; share++) {
        first += sums[share * ${2 * groups} + group];
        second += sums[share * ${2 * groups} + ${groups} + group];
      }
      ${known}
      ${store}`,
  });
}
