/** Two sums per channel over all rows of a map, by workgroups or as partial sums: see `batch-norm-kernels.ts`. */
import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import type { Rows } from './norm-rows';
import { cooperative, flat, workgroupSizeOf, vec, widthOf } from './wgsl';

/**
 * Up to this many rows, one workgroup per group of channels computes a direction in one dispatch, sums and rows. With
 * more rows that would leave a graphics card idle: chunks of the rows are then summed by more threads, added up in a
 * second dispatch, and a third computes the rows.
 */
const rowsOfWorkgroup = 4096;

/** Threads for the first dispatch of sums, and most partial sums for the second to add up. */
const enoughThreads = 2048;
const mostPartials = 128;

/** Number of partial sums per channel; 1 where a workgroup does everything. */
export function partialsOf({ rows, channels }: Rows): number {
  if (rows <= rowsOfWorkgroup) return 1;
  const wanted = Math.ceil(enoughThreads / (channels / widthOf(channels)));
  const each = Math.ceil(rows / Math.min(wanted, mostPartials));
  return Math.ceil(rows / each);
}

/** Two sums per channel; `first` and `second` are the summands of the row at `at`. */
export interface Sums {
  name: string;
  read: readonly string[];
  /** WGSL that runs once, with `group`. */
  before: string;
  /** WGSL that runs per row. */
  first: string;
  second: string;
}

interface Result {
  read: readonly string[];
  write: readonly string[];
  /** WGSL expression of `group` and its sums `first` and `second`. */
  known: string;
  /** WGSL that stores the per-channel results. */
  store: string;
}

/** Both sums of each group of channels by a workgroup, which can continue with each `row`. */
export function summed(
  { rows, channels }: Rows,
  sums: Sums,
  { read, write, known, store, row, steps }: Result & { row?: string; steps?: readonly Step[] },
): RawKernel {
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  const workgroupSize = workgroupSizeOf(2, type);
  const walkOn =
    row && `for (var r = t; r < ${rows}; r += ${workgroupSize}) { let at = r * ${groups} + group; ${row} }`;
  return cooperative({
    name: sums.name,
    read,
    write,
    results: groups,
    sums: { count: 2, type },
    body: `
      let group = i;
      ${walk(sums, groups, 't', `${workgroupSize}`, `${rows}`)}`,
    after: `
      let first = total(0);
      let second = total(1);
      ${known}
      if (t == 0) { ${store} }
      ${walkOn ?? ''}`,
    ...(steps && { finish: { steps, channels } }),
  });
}

/** Both sums of each group of channels over a chunk of the rows: [partials,2,C]. */
export function partials(shape: Rows, sums: Sums): RawKernel {
  const { rows, channels } = shape;
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  const count = partialsOf(shape);
  const each = Math.ceil(rows / count);
  return flat({
    name: `${sums.name}, partials`,
    read: sums.read,
    write: [`sums: ${type}`],
    threads: count * groups,
    body: `
      let group = i % ${groups};
      let chunk = i / ${groups};
      var sum0 = ${type}();
      var sum1 = ${type}();
      ${walk(sums, groups, `chunk * ${each}`, '1', `min((chunk + 1) * ${each}, ${rows})`)}
      sums[chunk * ${2 * groups} + group] = sum0;
      sums[chunk * ${2 * groups} + ${groups} + group] = sum1;`,
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

/** Results computed from the total of the partial sums. */
export function ofPartials(
  shape: Rows,
  { name, read, write, known, store }: Result & { name: string },
): RawKernel {
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
      for (var chunk = 0; chunk < ${partialsOf(shape)}; chunk++) {
        first += sums[chunk * ${2 * groups} + group];
        second += sums[chunk * ${2 * groups} + ${groups} + group];
      }
      ${known}
      ${store}`,
  });
}
