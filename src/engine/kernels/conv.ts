/**
 * Convolution over [B,H,W,C] with square kernels and equal strides: forward, gradient of the input (which is also the
 * transposed convolution) and gradient of the filter. Filters are [k,k,in,out].
 */
import type { tf } from '../tf';
import type { Step } from '../pending';
import type { RawKernel } from '../webgpu-backend';
import {
  cooperative,
  dot,
  flat,
  lines,
  part,
  pixelsPerThread,
  runsOnSoftware,
  teamOf,
  vec,
  widthOf,
  type Width,
} from './wgsl';

export type ConvInfo = tf.backend_util.Conv2DInfo;

/** The convolutions that these kernels compute; larger filters would unroll into very long shaders. */
export function supportsConv(info: ConvInfo): boolean {
  return (
    info.dataFormat === 'channelsLast' &&
    info.dilationHeight === 1 &&
    info.dilationWidth === 1 &&
    info.strideHeight === info.strideWidth &&
    info.filterHeight <= 7 &&
    info.filterWidth <= 7
  );
}

/**
 * x [B,H,W,in], filter -> [B,h,w,out].
 * A thread computes `widthOf(out)` channels of some neighbouring pixels of a row. Per filter row and group of input
 * channels it loads the input window once and uses it for all columns of the filter.
 */
export function convForward(info: ConvInfo, steps: readonly Step[]): RawKernel {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const { strideWidth: stride, padInfo } = info;
  const [a, b] = [widthOf(inChannels), widthOf(outChannels)];
  const [groupsIn, groupsOut] = [inChannels / a, outChannels / b];
  const pixels = pixelsPerThread(outWidth);
  const perRow = Math.ceil(outWidth / pixels);
  const window = (pixels - 1) * stride + filterWidth;
  const taps = lines(filterWidth, (kx) =>
    lines(a, (c) =>
      [
        `{ let w = filter_[at + ${(kx * inChannels + c) * groupsOut}];`,
        lines(pixels, (p) => `y${p} += ${part(`x${p * stride + kx}`, c, a)} * w;`),
        '}',
      ].join('\n'),
    ),
  );
  return flat({
    name: ['conv forward', ...steps].join(', '),
    read: [`x: ${vec(a)}`, `filter_: ${vec(b)}`],
    write: [`y: ${vec(b)}`],
    threads: info.batchSize * outHeight * perRow * groupsOut,
    body: `
      let group = i % ${groupsOut};
      let column = (i / ${groupsOut}) % ${perRow} * ${pixels};
      let row = (i / ${groupsOut * perRow}) % ${outHeight};
      let image = i / ${groupsOut * perRow * outHeight};
      let left = column * ${stride} - ${padInfo.left};
      ${lines(pixels, (p) => `var y${p} = ${vec(b)}();`)}
      for (var ky = 0; ky < ${filterHeight}; ky++) {
        let inRow = row * ${stride} + ky - ${padInfo.top};
        if (inRow < 0 || inRow >= ${inHeight}) { continue; }
        for (var g = 0; g < ${groupsIn}; g++) {
          let base = ((image * ${inHeight} + inRow) * ${inWidth} + left) * ${groupsIn} + g;
          let at = (ky * ${filterWidth * inChannels} + g * ${a}) * ${groupsOut} + group;
          ${lines(window, (j) => loadInside(`x${j}`, 'x', `base + ${j * groupsIn}`, `left + ${j}`, inWidth, a))}
          ${taps}
        }
      }
      let to = ((image * ${outHeight} + row) * ${outWidth} + column) * ${groupsOut} + group;
      ${storeRow('y', pixels, outWidth, groupsOut)}`,
    finish: { steps, channels: outChannels },
  });
}

/**
 * dy [B,h,w,out], filter -> [B,H,W,in].
 * The mirror image of the forward kernel: a thread computes neighbouring input pixels, a multiple of the stride, so
 * that it is known beforehand which taps of a filter row fall on which of them.
 */
export function convInputGradient(info: ConvInfo, steps: readonly Step[]): RawKernel {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const { strideWidth: stride, padInfo } = info;
  const [a, b] = [widthOf(inChannels), widthOf(outChannels)];
  const [groupsIn, groupsOut] = [inChannels / a, outChannels / b];
  const pixels = pixelsPerThread(inWidth, stride);
  const perRow = Math.ceil(inWidth / pixels);
  // Pixel p of the thread and filter column kx meet at the output column (p + left padding - kx) / stride.
  const meetings = Array.from({ length: pixels * filterWidth }, (_, n) => {
    const [p, kx] = [Math.floor(n / filterWidth), n % filterWidth];
    return { p, kx, offset: (p + padInfo.left - kx) / stride };
  }).filter(({ offset }) => Number.isInteger(offset));
  const offsets = [...new Set(meetings.map(({ offset }) => offset))];
  const load = (offset: number) =>
    loadInside(name(offset), 'dy', `base + (${offset * groupsOut})`, `column + (${offset})`, outWidth, b);
  const taps = lines(filterWidth, (kx) =>
    lines(a, (c) => {
      const mine = meetings.filter((meeting) => meeting.kx === kx);
      if (mine.length === 0) return '';
      const weight = `{ let w = filter_[at + ${(kx * inChannels + c) * groupsOut}];`;
      const sums = mine.map(({ p, offset }) => `${part(`x${p}`, c, a)} += ${dot(name(offset), 'w', b)};`);
      return [weight, ...sums, '}'].join('\n');
    }),
  );
  return flat({
    name: ['conv input gradient', ...steps].join(', '),
    read: [`dy: ${vec(b)}`, `filter_: ${vec(b)}`],
    write: [`x: ${vec(a)}`],
    threads: info.batchSize * inHeight * perRow * groupsIn,
    body: `
      let group = i % ${groupsIn};
      let left = (i / ${groupsIn}) % ${perRow} * ${pixels};
      let row = (i / ${groupsIn * perRow}) % ${inHeight};
      let image = i / ${groupsIn * perRow * inHeight};
      let column = left / ${stride};
      ${lines(pixels, (p) => `var x${p} = ${vec(a)}();`)}
      for (var ky = 0; ky < ${filterHeight}; ky++) {
        let strided = row + ${padInfo.top} - ky;
        let outRow = strided / ${stride};
        if (strided < 0 || outRow >= ${outHeight} || outRow * ${stride} != strided) { continue; }
        for (var g = 0; g < ${groupsOut}; g++) {
          let base = ((image * ${outHeight} + outRow) * ${outWidth} + column) * ${groupsOut} + g;
          let at = (ky * ${filterWidth * inChannels} + group * ${a}) * ${groupsOut} + g;
          ${offsets.map(load).join('\n')}
          ${taps}
        }
      }
      let to = ((image * ${inHeight} + row) * ${inWidth} + left) * ${groupsIn} + group;
      ${storeRow('x', pixels, inWidth, groupsIn, 'left')}`,
    finish: { steps, channels: inChannels },
  });

  function name(offset: number): string {
    return `d${offset - Math.min(...offsets)}`;
  }
}

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
  // Of the window over x, what the next pixel needs again is moved; the rest is loaded.
  const kept = Math.max(filterWidth - stride, 0);
  const loadAt = (j: number, column: string) =>
    `{ let c = ${column};
       x${j} = ${vec(a)}();
       if (c >= 0 && c < ${inWidth}) { x${j} = x[base + c * ${groupsIn}]; } }`;
  const sums = lines(filterWidth, (kx) =>
    lines(a, (c) => `sum${kx * a + c} += ${part(`x${kx}`, c, a)} * d;`),
  );
  const walk = (start: string, step: string, end: string) => `
    let groupOut = i % ${groupsOut};
    let groupIn = (i / ${groupsOut}) % ${groupsIn};
    let ky = (i / ${groupsOut * groupsIn}) % ${filterHeight};
    ${lines(filterWidth, (j) => `var x${j} = ${vec(a)}();`)}
    for (var r = ${start}; r < ${end}; r += ${step}) {
      let inRow = r % ${outHeight} * ${stride} + ky - ${padInfo.top};
      if (inRow < 0 || inRow >= ${inHeight}) { continue; }
      let base = (r / ${outHeight} * ${inHeight} + inRow) * ${inWidth * groupsIn} + groupIn;
      ${lines(kept, (j) => loadAt(j, `${j - padInfo.left}`))}
      for (var column = 0; column < ${outWidth}; column++) {
        let left = column * ${stride} - ${padInfo.left};
        ${lines(filterWidth - kept, (j) => loadAt(kept + j, `left + ${kept + j}`))}
        let d = dy[(r * ${outWidth} + column) * ${groupsOut} + groupOut];
        ${sums}
        ${lines(kept, (j) => `x${j} = x${j + stride};`)}
      }
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

/** Declares `name` as an element of a row, or zero where the column is outside of it. */
export function loadInside(
  name: string,
  buffer: string,
  at: string,
  column: string,
  rowLength: number,
  width: Width,
): string {
  return `var ${name} = ${vec(width)}();
    { let c = ${column}; if (c >= 0 && c < ${rowLength}) { ${name} = ${buffer}[${at}]; } }`;
}

/** Writes a thread's pixels; the last thread of a row may have fewer. */
export function storeRow(
  buffer: string,
  pixels: number,
  rowLength: number,
  groups: number,
  column = 'column',
): string {
  return lines(pixels, (p) => {
    const store = `${buffer}[to + ${p * groups}] = finish(to + ${p * groups}, ${buffer}${p});`;
    return rowLength % pixels === 0 ? store : `if (${column} + ${p} < ${rowLength}) { ${store} }`;
  });
}
