/**
 * Convolution over [B,H,W,C] with square kernels and equal strides: forward, gradient of the input (which is also the
 * transposed convolution). Filters are [k,k,in,out]; their gradient is in `conv-filter.ts`.
 */
import type { tf } from '../tf';
import type { Step } from '../pending';
import type { RawKernel } from '../webgpu-backend';
import { dot, flat, lines, part, pixelsPerThread, runsOnSoftware, vec, widthOf, type Width } from './wgsl';

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

/** Pixels that a thread should have, so that it loads a weight once for all of them. */
const pixelsWanted = 8;

/** Threads that there should be at least before some are given up for fewer loads. */
const enoughThreads = () => (runsOnSoftware() ? 128 : 16_384);

/**
 * Of how many images a thread computes the same pixels: rows of two or four pixels leave a thread too little to do with
 * the weights that it loads.
 * @param threads if each has one image
 */
export function imagesPerThread(batch: number, pixels: number, threads: number): number {
  let images = 1;
  while (
    pixels * images * 2 <= pixelsWanted &&
    batch % (images * 2) === 0 &&
    threads / (images * 2) >= enoughThreads()
  )
    images *= 2;
  return images;
}

/**
 * x [B,H,W,in], filter -> [B,h,w,out].
 * A thread computes `widthOf(out)` channels of some neighbouring pixels of a row, of one or several images. Per filter
 * row and group of input channels it loads the input window once and uses it for all columns of the filter. Where its
 * pixels are the whole row, it is known beforehand which taps fall outside.
 */
export function convForward(info: ConvInfo, steps: readonly Step[]): RawKernel {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const { strideWidth: stride, padInfo } = info;
  const [a, b] = [widthOf(inChannels), widthOf(outChannels)];
  const [groupsIn, groupsOut] = [inChannels / a, outChannels / b];
  const pixels = pixelsPerThread(outWidth);
  const perRow = Math.ceil(outWidth / pixels);
  const window = (pixels - 1) * stride + filterWidth;
  const each = outHeight * perRow * groupsOut;
  const images = imagesPerThread(info.batchSize, pixels, info.batchSize * each);
  const isOutside = (j: number) => perRow === 1 && (j < padInfo.left || j >= padInfo.left + inWidth);
  const load = (n: number, j: number) => {
    if (isOutside(j)) return '';
    const at = `base + ${n * inHeight * inWidth * groupsIn + j * groupsIn}`;
    if (perRow === 1) return `let x${n}_${j} = x[${at}];`;
    return loadInside(`x${n}_${j}`, 'x', at, `left + ${j}`, inWidth, a);
  };
  const taps = lines(filterWidth, (kx) =>
    lines(a, (c) => {
      const mine = range(pixels).filter((p) => !isOutside(p * stride + kx));
      if (mine.length === 0) return '';
      const sum = (n: number) =>
        mine.map((p) => `y${n}_${p} += ${part(`x${n}_${p * stride + kx}`, c, a)} * w;`).join('\n');
      return `{ let w = filter_[at + ${(kx * inChannels + c) * groupsOut}]; ${lines(images, sum)} }`;
    }),
  );
  return flat({
    name: ['conv forward', ...steps].join(', '),
    read: [`x: ${vec(a)}`, `filter_: ${vec(b)}`],
    write: [`y: ${vec(b)}`],
    threads: (info.batchSize / images) * each,
    body: `
      let group = i % ${groupsOut};
      let column = (i / ${groupsOut}) % ${perRow} * ${pixels};
      let row = (i / ${groupsOut * perRow}) % ${outHeight};
      let image = i / ${each} * ${images};
      let left = column * ${stride} - ${padInfo.left};
      ${lines(images, (n) => lines(pixels, (p) => `var y${n}_${p} = ${vec(b)}();`))}
      for (var ky = 0; ky < ${filterHeight}; ky++) {
        let inRow = row * ${stride} + ky - ${padInfo.top};
        if (inRow < 0 || inRow >= ${inHeight}) { continue; }
        for (var g = 0; g < ${groupsIn}; g++) {
          let base = ((image * ${inHeight} + inRow) * ${inWidth} + left) * ${groupsIn} + g;
          let at = (ky * ${filterWidth * inChannels} + g * ${a}) * ${groupsOut} + group;
          ${lines(images, (n) => lines(window, (j) => load(n, j)))}
          ${taps}
        }
      }
      ${lines(
        images,
        (n) => `{
          let to = (((image + ${n}) * ${outHeight} + row) * ${outWidth} + column) * ${groupsOut} + group;
          ${storeRow('y', pixels, outWidth, groupsOut, 'column', `y${n}_`)}
        }`,
      )}`,
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
  const each = inHeight * perRow * groupsIn;
  const images = imagesPerThread(info.batchSize, pixels, info.batchSize * each);
  // Pixel p of the thread and filter column kx meet at the output column (p + left padding - kx) / stride.
  const meetings = range(pixels * filterWidth)
    .map((n) => {
      const [p, kx] = [Math.floor(n / filterWidth), n % filterWidth];
      return { p, kx, offset: (p + padInfo.left - kx) / stride };
    })
    .filter(({ offset }) => Number.isInteger(offset))
    .filter(({ offset }) => perRow > 1 || (offset >= 0 && offset < outWidth));
  const offsets = [...new Set(meetings.map(({ offset }) => offset))];
  const load = (n: number, offset: number) => {
    const at = `base + (${(n * outHeight * outWidth + offset) * groupsOut})`;
    if (perRow === 1) return `let ${name(n, offset)} = dy[${at}];`;
    return loadInside(name(n, offset), 'dy', at, `column + (${offset})`, outWidth, b);
  };
  const taps = lines(filterWidth, (kx) =>
    lines(a, (c) => {
      const mine = meetings.filter((meeting) => meeting.kx === kx);
      if (mine.length === 0) return '';
      const sum = (n: number) =>
        mine
          .map(({ p, offset }) => `${part(`x${n}_${p}`, c, a)} += ${dot(name(n, offset), 'w', b)};`)
          .join('\n');
      return `{ let w = filter_[at + ${(kx * inChannels + c) * groupsOut}]; ${lines(images, sum)} }`;
    }),
  );
  return flat({
    name: ['conv input gradient', ...steps].join(', '),
    read: [`dy: ${vec(b)}`, `filter_: ${vec(b)}`],
    write: [`x: ${vec(a)}`],
    threads: (info.batchSize / images) * each,
    body: `
      let group = i % ${groupsIn};
      let left = (i / ${groupsIn}) % ${perRow} * ${pixels};
      let row = (i / ${groupsIn * perRow}) % ${inHeight};
      let image = i / ${each} * ${images};
      let column = left / ${stride};
      ${lines(images, (n) => lines(pixels, (p) => `var x${n}_${p} = ${vec(a)}();`))}
      for (var ky = 0; ky < ${filterHeight}; ky++) {
        let strided = row + ${padInfo.top} - ky;
        let outRow = strided / ${stride};
        if (strided < 0 || outRow >= ${outHeight} || outRow * ${stride} != strided) { continue; }
        for (var g = 0; g < ${groupsOut}; g++) {
          let base = ((image * ${outHeight} + outRow) * ${outWidth} + column) * ${groupsOut} + g;
          let at = (ky * ${filterWidth * inChannels} + group * ${a}) * ${groupsOut} + g;
          ${lines(images, (n) => offsets.map((offset) => load(n, offset)).join('\n'))}
          ${taps}
        }
      }
      ${lines(
        images,
        (n) => `{
          let to = (((image + ${n}) * ${inHeight} + row) * ${inWidth} + left) * ${groupsIn} + group;
          ${storeRow('x', pixels, inWidth, groupsIn, 'left', `x${n}_`)}
        }`,
      )}`,
    finish: { steps, channels: inChannels },
  });

  function name(n: number, offset: number): string {
    return `d${n}_${offset - Math.min(...offsets)}`;
  }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
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

/** Writes a thread's pixels, called `values` and their number; the last thread of a row may have fewer. */
export function storeRow(
  buffer: string,
  pixels: number,
  rowLength: number,
  groups: number,
  column = 'column',
  values = buffer,
): string {
  return lines(pixels, (p) => {
    const store = `${buffer}[to + ${p * groups}] = finish(to + ${p * groups}, ${values}${p});`;
    return rowLength % pixels === 0 ? store : `if (${column} + ${p} < ${rowLength}) { ${store} }`;
  });
}
