/**
 * Convolution over [B,H,W,C] with square kernels and equal strides: forward, gradient of the input (which is also the
 * transposed convolution) and gradient of the filter. Filters are [k,k,in,out].
 */
import type { tf } from '../tf';
import type { Step } from '../pending';
import type { RawKernel } from '../webgpu-backend';
import { dot, flat, lines, part, pixelsPerThread, vec, widthOf, type Width } from './wgsl';

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

/** Threads that the first dispatch of the filter gradient should have at least: fewer leave a card idle. */
const enoughThreads = 4096;

/** Beyond this the second dispatch, which sums the shares one after the other, takes longer than the first. */
const mostShares = 256;

/** Into how many shares the rows of a batch are divided for the filter gradient. */
export function filterGradientShares(info: ConvInfo): number {
  const { inChannels, outChannels, filterHeight, batchSize, outHeight } = info;
  const threads = (inChannels / widthOf(inChannels)) * (outChannels / widthOf(outChannels)) * filterHeight;
  return Math.min(Math.ceil(enoughThreads / threads), mostShares, batchSize * outHeight);
}

/**
 * x [B,H,W,in], dy [B,h,w,out] -> [shares,k,k,in,out], to be summed over the shares.
 * A thread has a share of the rows, one filter row and a group of channels on either side; it walks along x with the
 * filter row's sums in registers. Summing in a second dispatch needs no atomics, so that the result is the same every
 * time.
 */
export function convFilterGradient(info: ConvInfo): RawKernel {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const { strideWidth: stride, padInfo } = info;
  const [a, b] = [widthOf(inChannels), widthOf(outChannels)];
  const [groupsIn, groupsOut] = [inChannels / a, outChannels / b];
  const shares = filterGradientShares(info);
  const rows = info.batchSize * outHeight;
  const rowsEach = Math.ceil(rows / shares);
  // Of the window over x, what the next pixel needs again is moved; the rest is loaded.
  const kept = Math.max(filterWidth - stride, 0);
  const loadAt = (j: number, column: string) =>
    `{ let c = ${column};
       x${j} = ${vec(a)}();
       if (c >= 0 && c < ${inWidth}) { x${j} = x[base + c * ${groupsIn}]; } }`;
  const sums = lines(filterWidth, (kx) => lines(a, (c) => `w${kx * a + c} += ${part(`x${kx}`, c, a)} * d;`));
  const store = lines(filterWidth, (kx) =>
    lines(a, (c) => `filter_[to + ${(kx * inChannels + c) * groupsOut}] = w${kx * a + c};`),
  );
  return flat({
    name: 'conv filter gradient',
    read: [`x: ${vec(a)}`, `dy: ${vec(b)}`],
    write: [`filter_: ${vec(b)}`],
    threads: shares * filterHeight * groupsIn * groupsOut,
    body: `
      let groupOut = i % ${groupsOut};
      let groupIn = (i / ${groupsOut}) % ${groupsIn};
      let ky = (i / ${groupsOut * groupsIn}) % ${filterHeight};
      let share = i / ${groupsOut * groupsIn * filterHeight};
      ${lines(filterWidth * a, (n) => `var w${n} = ${vec(b)}();`)}
      ${lines(filterWidth, (j) => `var x${j} = ${vec(a)}();`)}
      for (var r = share * ${rowsEach}; r < min((share + 1) * ${rowsEach}, ${rows}); r++) {
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
      }
      let to = ((share * ${filterHeight} + ky) * ${filterWidth * inChannels} + groupIn * ${a}) * ${groupsOut} + groupOut;
      ${store}`,
  });
}

/** Declares `name` as an element of a row, or zero where the column is outside of it. */
function loadInside(
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
function storeRow(
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
