/**
 * Gradient of a convolution's filter [k,k,in,out]: sums over all pixels of a batch, which are divided among threads in
 * the way that suits the adapter.
 */
import type { RawKernel } from '../webgpu-backend';
import type { ConvInfo } from './conv';
import { cooperative, flat, lines, part, runsOnSoftware, teamOf, vec, widthOf } from './wgsl';

/** How the sum over all rows of a batch is divided. */
export type FilterPlan =
  /** One dispatch, in which a team of threads shares the rows of each result. */
  | { by: 'teams' }
  /** As many threads per result; if that is more than one, a second dispatch adds up their shares. */
  | { by: 'shares'; shares: number };

/** The most pixels that a thread of a team should walk over. */
const pixelsPerMember = 128;

/** Threads that a card should have at least, if need be at the price of a second dispatch. */
const enoughThreads = 4096;

/** Beyond this the second dispatch, which sums the shares one after the other, takes longer than the first. */
const mostShares = 256;

/**
 * The software adapter has a core or a few, and pays for every dispatch and dearly for barriers: there one thread per
 * result did as well as any number of shares (8x8x16 to 16, batch 64: 11.9 ms against 10.7 to 26; 2x2x64 to 64: 27 against
 * 21 to 40), and teams took up to ten times as long. Only few results of many pixels are divided, so that no core idles.
 */
const resultsOnSoftware = 48;
const workOnSoftware = 65_536;

export function filterGradientPlan(info: ConvInfo): FilterPlan {
  const { inChannels, outChannels, filterHeight, filterWidth, batchSize, outHeight, outWidth } = info;
  const [a, b] = [widthOf(inChannels), widthOf(outChannels)];
  const results = (inChannels / a) * (outChannels / b) * filterHeight;
  const rows = batchSize * outHeight;
  const shares = (threads: number) => Math.min(Math.ceil(threads / results), mostShares, rows);
  if (runsOnSoftware()) {
    const isSmall = results >= resultsOnSoftware || rows * outWidth * results <= workOnSoftware;
    return { by: 'shares', shares: isSmall ? 1 : shares(512) };
  }
  const team = teamOf(filterWidth * a, vec(b));
  if ((rows * outWidth) / team <= pixelsPerMember) return { by: 'teams' };
  return { by: 'shares', shares: shares(enoughThreads) };
}

/**
 * x [B,H,W,in], dy [B,h,w,out] -> [k,k,in,out] by teams, else [shares,k,k,in,out], to be summed over the shares.
 * A thread has a share of the rows, one filter row and a group of channels on either side; it walks along x with the
 * filter row's sums in registers. No atomics, so that the result is the same every time.
 */
export function convFilterGradient(info: ConvInfo, plan: FilterPlan): RawKernel {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const { strideWidth: stride, padInfo } = info;
  const [a, b] = [widthOf(inChannels), widthOf(outChannels)];
  const [groupsIn, groupsOut] = [inChannels / a, outChannels / b];
  const rows = info.batchSize * outHeight;
  const results = filterHeight * groupsIn * groupsOut;
  const count = filterWidth * a;
  const alongRow =
    outWidth <= unrolledPixels
      ? wholeRow(info, groupsIn, groupsOut)
      : slidingWindow(info, groupsIn, groupsOut);
  const walk = (start: string, step: string, end: string) => `
    let groupOut = i % ${groupsOut};
    let groupIn = (i / ${groupsOut}) % ${groupsIn};
    let ky = (i / ${groupsOut * groupsIn}) % ${filterHeight};
    for (var r = ${start}; r < ${end}; r += ${step}) {
      let inRow = r % ${outHeight} * ${stride} + ky - ${padInfo.top};
      if (inRow < 0 || inRow >= ${inHeight}) { continue; }
      let base = (r / ${outHeight} * ${inHeight} + inRow) * ${inWidth * groupsIn} + groupIn;
      ${alongRow}
    }`;
  // Sum n belongs to the filter column n / a and the input channel n % a of the group.
  const place = (n: string) => `to + (${n} / ${a} * ${inChannels} + ${n} % ${a}) * ${groupsOut}`;
  const origin = (share: string) =>
    `let to = ((${share} * ${filterHeight} + ky) * ${filterWidth * inChannels} + groupIn * ${a}) * ${groupsOut} + groupOut;`;
  const buffers = {
    name: 'conv filter gradient',
    read: [`x: ${vec(a)}`, `dy: ${vec(b)}`],
    write: [`filter_: ${vec(b)}`],
  };
  if (plan.by === 'teams') {
    const team = teamOf(count, vec(b));
    return cooperative({
      ...buffers,
      results,
      sums: { count, type: vec(b) },
      body: walk('t', `${team}`, `${rows}`),
      after: `
        ${origin('0')}
        for (var n = t; n < ${count}; n += ${team}) { filter_[${place('n')}] = total(n); }`,
    });
  }
  const rowsEach = Math.ceil(rows / plan.shares);
  return flat({
    ...buffers,
    threads: plan.shares * results,
    body: `
      let share = i / ${results};
      ${lines(count, (n) => `var sum${n} = ${vec(b)}();`)}
      ${walk(`share * ${rowsEach}`, '1', `min((share + 1) * ${rowsEach}, ${rows})`)}
      ${origin('share')}
      ${lines(count, (n) => `filter_[${place(`${n}`)}] = sum${n};`)}`,
  });
}

/** Rows of up to so many pixels are written out: no tests at the borders, nothing moved. */
const unrolledPixels = 8;

/** Adds a row whose pixels and taps are all known beforehand. */
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

/** Adds a row pixel by pixel: of the window over x, what the next pixel needs again is moved; the rest is loaded. */
function slidingWindow(info: ConvInfo, groupsIn: number, groupsOut: number): string {
  const { inWidth, inChannels, outWidth, filterWidth, strideWidth: stride, padInfo } = info;
  const a = widthOf(inChannels);
  const kept = Math.max(filterWidth - stride, 0);
  const loadAt = (j: number, column: string) =>
    `{ let c = ${column};
       x${j} = ${vec(a)}();
       if (c >= 0 && c < ${inWidth}) { x${j} = x[base + c * ${groupsIn}]; } }`;
  return `
    ${lines(filterWidth, (j) => `var x${j} = ${vec(a)}();`)}
    ${lines(kept, (j) => loadAt(j, `${j - padInfo.left}`))}
    for (var column = 0; column < ${outWidth}; column++) {
      let left = column * ${stride} - ${padInfo.left};
      ${lines(filterWidth - kept, (j) => loadAt(kept + j, `left + ${kept + j}`))}
      let d = dy[(r * ${outWidth} + column) * ${groupsOut} + groupOut];
      ${lines(filterWidth, (kx) => lines(a, (c) => `sum${kx * a + c} += ${part(`x${kx}`, c, a)} * d;`))}
      ${lines(kept, (j) => `x${j} = x${j + stride};`)}
    }`;
}
