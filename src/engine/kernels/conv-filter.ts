/**
 * Gradient of a convolution's filter [k,k,in,out]: sums over all pixels of a batch, divided among threads to suit the
 * adapter.
 */
import type { RawKernel } from '../webgpu-backend';
import type { ConvInfo } from './conv-info';
import {
  cooperative,
  flat,
  lines,
  mostWorkgroups,
  part,
  runsOnSoftware,
  workgroupSizeOf,
  vec,
  widthOf,
} from './wgsl';

/** Most pixels that a thread of a workgroup should sum. */
const pixelsPerMember = 128;

/** Fewest threads for a graphics card, even if that takes a second dispatch. */
const enoughThreads = 4096;

/** Beyond this the second dispatch, which adds the partial sums one after the other, takes longer than the first. */
const mostPartials = 256;

/** How the work is divided. */
export interface FilterPlan {
  /** Vectors of output channels whose sums a thread keeps. */
  groups: number;
  /**
   * Threads per sum, each with a chunk of the rows. The threads of a workgroup add their sums at a barrier; otherwise
   * several partial sums are stored.
   */
  by: 'workgroup' | 'partials';
  partials: number;
}

/** A plan for the adapter. */
export function filterGradientPlan(info: ConvInfo): FilterPlan {
  return runsOnSoftware() ? planForSoftware(info) : planForCard(info);
}

/** A graphics card hides memory latency behind other threads, and needs many of them. */
function planForCard(info: ConvInfo): FilterPlan {
  const { inChannels, outChannels, filterHeight, filterWidth, batchSize, outHeight, outWidth } = info;
  const [a, b] = [widthOf(inChannels), widthOf(outChannels)];
  const results = (inChannels / a) * (outChannels / b) * filterHeight;
  const rows = batchSize * outHeight;
  const workgroupSize = workgroupSizeOf(filterWidth * a, vec(b));
  // One workgroup per result.
  if (results <= mostWorkgroups && (rows * outWidth) / workgroupSize <= pixelsPerMember)
    return { groups: 1, by: 'workgroup', partials: 1 };
  const partials = Math.min(Math.ceil(enoughThreads / results), mostPartials, rows);
  return { groups: 1, by: 'partials', partials };
}

/**
 * The software adapter has one or a few cores, and barriers are slow: workgroups took up to ten times as long as
 * partial sums. Loads cost most (see `conv-tile.ts`), so for rows too long to unroll a thread keeps the sums of two
 * vectors of output channels: 14x14x8 to 16, batch 64, took 1 / 1.6 of the time, 14x14x16 to 32 1 / 1.2. Four
 * vectors, or two on either side, gained nothing more and took several times as long to compile.
 */
const threadsOnSoftware = 256;

function planForSoftware(info: ConvInfo): FilterPlan {
  const { inChannels, outChannels, filterHeight, batchSize, outHeight, outWidth } = info;
  const vectors = outChannels / widthOf(outChannels);
  const groups = outWidth > unrolledPixels && vectors % 2 === 0 ? 2 : 1;
  const results = (inChannels / widthOf(inChannels)) * (vectors / groups) * filterHeight;
  const partials = Math.max(Math.floor(threadsOnSoftware / results), 1);
  return { groups, by: 'partials', partials: Math.min(partials, batchSize * outHeight) };
}

/**
 * x [B,H,W,in], dy [B,h,w,out] -> [k,k,in,out] by workgroups or as a single sum, otherwise partial sums
 * [partials,k,k,in,out]. A thread has a chunk of the rows, one filter row and some channels on either side; it moves
 * along x with the filter row's sums in registers. Without atomics, so that the result is deterministic.
 */
export function convFilterGradientByThreads(info: ConvInfo, plan: FilterPlan): RawKernel {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const { strideWidth: stride, padInfo } = info;
  const [a, b] = [widthOf(inChannels), widthOf(outChannels)];
  const [groupsIn, groupsOut] = [inChannels / a, outChannels / b];
  const lanes = groupsOut / plan.groups;
  const rows = info.batchSize * outHeight;
  const results = filterHeight * groupsIn * lanes;
  const perGroup = filterWidth * a;
  const alongRow =
    outWidth <= unrolledPixels && plan.groups === 1
      ? wholeRow(info, groupsIn, groupsOut)
      : slidingWindow(info, plan.groups, groupsIn, groupsOut);
  const walk = (start: string, step: string, end: string) => `
    let groupOut = i % ${lanes};
    let groupIn = (i / ${lanes}) % ${groupsIn};
    let ky = (i / ${lanes * groupsIn}) % ${filterHeight};
    for (var r = ${start}; r < ${end}; r += ${step}) {
      let inRow = r % ${outHeight} * ${stride} + ky - ${padInfo.top};
      if (inRow < 0 || inRow >= ${inHeight}) { continue; }
      let base = (r / ${outHeight} * ${inHeight} + inRow) * ${inWidth * groupsIn} + groupIn;
      ${alongRow}
    }`;
  // Sum n of a group belongs to filter column n / a and input channel n % a.
  const place = (n: string) => `to + (${n} / ${a} * ${inChannels} + ${n} % ${a}) * ${groupsOut}`;
  const origin = (chunk: string) =>
    `let to = ((${chunk} * ${filterHeight} + ky) * ${filterWidth * inChannels} + groupIn * ${a}) * ${groupsOut} + groupOut;`;
  const buffers = {
    name: 'conv filter gradient',
    read: [`x: ${vec(a)}`, `dy: ${vec(b)}`],
    write: [`filter_: ${vec(b)}`],
  };
  if (plan.by === 'workgroup') {
    const workgroupSize = workgroupSizeOf(perGroup, vec(b));
    return cooperative({
      ...buffers,
      results,
      sums: { count: perGroup, type: vec(b) },
      body: walk('t', `${workgroupSize}`, `${rows}`),
      after: `
        ${origin('0')}
        for (var n = t; n < ${perGroup}; n += ${workgroupSize}) { filter_[${place('n')}] = total(n); }`,
    });
  }
  const rowsEach = Math.ceil(rows / plan.partials);
  return flat({
    ...buffers,
    threads: plan.partials * results,
    body: `
      let chunk = i / ${results};
      ${lines(plan.groups * perGroup, (n) => `var sum${n} = ${vec(b)}();`)}
      ${walk(`chunk * ${rowsEach}`, '1', `min((chunk + 1) * ${rowsEach}, ${rows})`)}
      ${origin('chunk')}
      ${lines(plan.groups, (j) =>
        lines(perGroup, (n) => `filter_[${place(`${n}`)} + ${j * lanes}] = sum${j * perGroup + n};`),
      )}`,
  });
}

/** Rows of at most this many pixels are unrolled: no tests at the borders, no moves. */
const unrolledPixels = 8;

/** Adds a row with all pixels and taps known at compile time. */
function wholeRow(info: ConvInfo, groupsIn: number, groupsOut: number): string {
  const { inWidth, inChannels, outWidth, filterWidth, strideWidth: stride, padInfo } = info;
  const a = widthOf(inChannels);
  const isInside = (column: number) => column >= 0 && column < inWidth;
  const columns = Array.from({ length: outWidth }, (_, p) => p);
  const meetings = columns.flatMap((p) =>
    Array.from({ length: filterWidth }, (_, kx) => ({ p, kx, column: p * stride + kx - padInfo.left })),
  );
  const met = meetings.filter(({ column }) => isInside(column));
  const loaded = [...new Set(met.map(({ column }) => column))];
  return [
    ...loaded.map((column) => `let x${column} = x[base + ${column * groupsIn}];`),
    ...columns.map((p) => `let d${p} = dy[(r * ${outWidth} + ${p}) * ${groupsOut} + groupOut];`),
    ...met.map(({ p, kx, column }) =>
      lines(a, (c) => `sum${kx * a + c} += ${part(`x${column}`, c, a)} * d${p};`),
    ),
  ].join('\n');
}

/**
 * Adds a row pixel by pixel: the part of the window over x that the next pixel needs is moved, the rest is loaded.
 */
function slidingWindow(info: ConvInfo, groups: number, groupsIn: number, groupsOut: number): string {
  const { inWidth, inChannels, outWidth, filterWidth, strideWidth: stride, padInfo } = info;
  const a = widthOf(inChannels);
  const kept = Math.max(filterWidth - stride, 0);
  const loadAt = (j: number, column: string) =>
    `{ let c = ${column}; x${j} = select(${vec(a)}(), x[base + c * ${groupsIn}], c >= 0 && c < ${inWidth}); }`;
  const add = (j: number) =>
    lines(filterWidth, (kx) =>
      lines(a, (c) => `sum${(j * filterWidth + kx) * a + c} += ${part(`x${kx}`, c, a)} * d${j};`),
    );
  return `
    ${lines(filterWidth, (j) => `var x${j} = ${vec(a)}();`)}
    ${lines(kept, (j) => loadAt(j, `${j - padInfo.left}`))}
    for (var column = 0; column < ${outWidth}; column++) {
      let left = column * ${stride} - ${padInfo.left};
      ${lines(filterWidth - kept, (j) => loadAt(kept + j, `left + ${kept + j}`))}
      let at = (r * ${outWidth} + column) * ${groupsOut} + groupOut;
      ${lines(groups, (j) => `let d${j} = dy[at + ${j * (groupsOut / groups)}];`)}
      ${lines(groups, add)}
      ${lines(kept, (j) => `x${j} = x${j + stride};`)}
    }`;
}
