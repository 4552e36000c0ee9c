/**
 * Convolution over [B,H,W,C] with square kernels and equal strides: forward, gradient of the input (which is also the
 * transposed convolution). Filters are [k,k,in,out]; their gradient is in `conv-filter.ts`.
 */
import type { tf } from '../tf';
import type { Step } from '../pending';
import type { RawKernel } from '../webgpu-backend';
import { tileOf, type Tile } from './conv-tile';
import { dot, flat, lines, part, vec, widthOf, type Width } from './wgsl';

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
 * A thread computes a tile (see `conv-tile.ts`): some channels of some neighbouring pixels of a row, of one or several
 * images. Per filter row and some input channels it loads the input window once and uses it for all columns of the
 * filter. Where its pixels are the whole row, it is known beforehand which taps fall outside.
 */
export function convForward(
  info: ConvInfo,
  steps: readonly Step[],
  { pixels, images, groups, width: a }: Tile = forwardTile(info),
): RawKernel {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const { strideWidth: stride, padInfo } = info;
  const b = widthOf(outChannels);
  const [groupsIn, groupsOut] = [inChannels / a, outChannels / b];
  const lanes = groupsOut / groups;
  const perRow = Math.ceil(outWidth / pixels);
  const window = (pixels - 1) * stride + filterWidth;
  const each = outHeight * perRow * lanes;
  const isOutside = (j: number) => perRow === 1 && (j < padInfo.left || j >= padInfo.left + inWidth);
  // Some pixel of the window of a thread, whichever it is, lies in the row.
  const isInside = (j: number) =>
    perRow === 1 || (j >= padInfo.left && (perRow - 1) * pixels * stride - padInfo.left + j < inWidth);
  const load = (n: number, j: number) => {
    if (isOutside(j)) return '';
    const at = `base + ${n * inHeight * inWidth * groupsIn + j * groupsIn}`;
    if (isInside(j)) return `let x${n}_${j} = x[${at}];`;
    return loadInside(`x${n}_${j}`, 'x', at, `left + ${j}`, inWidth, a);
  };
  const taps = lines(filterWidth, (kx) =>
    lines(a, (c) => {
      const mine = range(pixels).filter((p) => !isOutside(p * stride + kx));
      if (mine.length === 0) return '';
      const sum = (n: number, j: number) =>
        mine.map((p) => `y${n}_${j}_${p} += ${part(`x${n}_${p * stride + kx}`, c, a)} * w;`).join('\n');
      return lines(
        groups,
        (j) => `{
          let w = filter_[at + ${(kx * inChannels + c) * groupsOut + j * lanes}];
          ${lines(images, (n) => sum(n, j))}
        }`,
      );
    }),
  );
  return flat({
    name: ['conv forward', ...steps].join(', '),
    read: [`x: ${vec(a)}`, `filter_: ${vec(b)}`],
    write: [`y: ${vec(b)}`],
    threads: (info.batchSize / images) * each,
    body: `
      let group = i % ${lanes};
      let column = (i / ${lanes}) % ${perRow} * ${pixels};
      let row = (i / ${lanes * perRow}) % ${outHeight};
      let image = i / ${each} * ${images};
      let left = column * ${stride} - ${padInfo.left};
      ${tiles(images, groups, pixels, (n, j, p) => `var y${n}_${j}_${p} = ${vec(b)}();`)}
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
      ${lines(images, (n) =>
        lines(
          groups,
          (j) => `{
            let channels = group + ${j * lanes};
            let to = (((image + ${n}) * ${outHeight} + row) * ${outWidth} + column) * ${groupsOut} + channels;
            ${storeRow('y', pixels, outWidth, groupsOut, { channels: 'channels', values: `y${n}_${j}_` })}
          }`,
        ),
      )}`,
    finish: { steps, channels: outChannels },
  });
}

function forwardTile(info: ConvInfo): Tile {
  const { outHeight, outWidth, outChannels, inChannels, filterWidth, strideWidth: stride } = info;
  return tileOf({
    batch: info.batchSize,
    rows: outHeight,
    rowLength: outWidth,
    channels: outChannels,
    summed: inChannels,
    filterWidth,
    stride: 1,
    taps: (pixels) => ({ loads: (pixels - 1) * stride + filterWidth, meetings: pixels * filterWidth }),
  });
}

/**
 * dy [B,h,w,out], filter -> [B,H,W,in].
 * The mirror image of the forward kernel: a thread computes a tile of the input, its pixels a multiple of the stride, so
 * that it is known beforehand which taps of a filter row fall on which of them.
 */
export function convInputGradient(
  info: ConvInfo,
  steps: readonly Step[],
  { pixels, images, groups, width: b }: Tile = inputTile(info),
): RawKernel {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const { strideWidth: stride, padInfo } = info;
  const a = widthOf(inChannels);
  const [groupsIn, groupsOut] = [inChannels / a, outChannels / b];
  const lanes = groupsIn / groups;
  const perRow = Math.ceil(inWidth / pixels);
  const each = inHeight * perRow * lanes;
  const meetings = meetingsOf(info, pixels).filter(
    ({ offset }) => perRow > 1 || (offset >= 0 && offset < outWidth),
  );
  const offsets = [...new Set(meetings.map(({ offset }) => offset))];
  const isInside = (offset: number) =>
    perRow === 1 || (offset >= 0 && ((perRow - 1) * pixels) / stride + offset < outWidth);
  const load = (n: number, offset: number) => {
    const at = `base + (${(n * outHeight * outWidth + offset) * groupsOut})`;
    if (isInside(offset)) return `let ${name(n, offset)} = dy[${at}];`;
    return loadInside(name(n, offset), 'dy', at, `column + (${offset})`, outWidth, b);
  };
  const taps = lines(filterWidth, (kx) =>
    lines(a, (c) => {
      const mine = meetings.filter((meeting) => meeting.kx === kx);
      if (mine.length === 0) return '';
      const sum = (n: number, j: number) =>
        mine
          .map(({ p, offset }) => `${part(`x${n}_${j}_${p}`, c, a)} += ${dot(name(n, offset), 'w', b)};`)
          .join('\n');
      return lines(
        groups,
        (j) => `{
          let w = filter_[at + ${(kx * inChannels + j * lanes * a + c) * groupsOut}];
          ${lines(images, (n) => sum(n, j))}
        }`,
      );
    }),
  );
  return flat({
    name: ['conv input gradient', ...steps].join(', '),
    read: [`dy: ${vec(b)}`, `filter_: ${vec(b)}`],
    write: [`x: ${vec(a)}`],
    threads: (info.batchSize / images) * each,
    body: `
      let group = i % ${lanes};
      let left = (i / ${lanes}) % ${perRow} * ${pixels};
      let row = (i / ${lanes * perRow}) % ${inHeight};
      let image = i / ${each} * ${images};
      let column = left / ${stride};
      ${tiles(images, groups, pixels, (n, j, p) => `var x${n}_${j}_${p} = ${vec(a)}();`)}
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
      ${lines(images, (n) =>
        lines(
          groups,
          (j) => `{
            let channels = group + ${j * lanes};
            let to = (((image + ${n}) * ${inHeight} + row) * ${inWidth} + left) * ${groupsIn} + channels;
            ${storeRow('x', pixels, inWidth, groupsIn, { column: 'left', channels: 'channels', values: `x${n}_${j}_` })}
          }`,
        ),
      )}`,
    finish: { steps, channels: inChannels },
  });

  function name(n: number, offset: number): string {
    return `d${n}_${offset - Math.min(...offsets)}`;
  }
}

/** Pixel p of a thread and filter column kx meet at the output column (p + left padding - kx) / stride, if that is one. */
function meetingsOf({ filterWidth, strideWidth: stride, padInfo }: ConvInfo, pixels: number) {
  return range(pixels * filterWidth)
    .map((n) => {
      const [p, kx] = [Math.floor(n / filterWidth), n % filterWidth];
      return { p, kx, offset: (p + padInfo.left - kx) / stride };
    })
    .filter(({ offset }) => Number.isInteger(offset));
}

function inputTile(info: ConvInfo): Tile {
  const { inHeight, inWidth, inChannels, outChannels, filterWidth, strideWidth: stride } = info;
  return tileOf({
    batch: info.batchSize,
    rows: inHeight,
    rowLength: inWidth,
    channels: inChannels,
    summed: outChannels,
    filterWidth,
    stride,
    taps: (pixels) => {
      const meetings = meetingsOf(info, pixels);
      return { loads: new Set(meetings.map(({ offset }) => offset)).size, meetings: meetings.length };
    },
  });
}

/** `make` for each vector of a tile. */
function tiles(
  images: number,
  groups: number,
  pixels: number,
  make: (image: number, group: number, pixel: number) => string,
): string {
  return lines(images, (n) => lines(groups, (j) => lines(pixels, (p) => make(n, j, p))));
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
  // Read all the same and then let go: no branch, and WGSL keeps such a read inside of some buffer.
  return `let ${name} = select(${vec(width)}(), ${buffer}[${at}], ${column} >= 0 && ${column} < ${rowLength});`;
}

interface RowStore {
  /** The variable with the column of the thread's first pixel. */
  column?: string;
  /** The variable with its vector of channels. */
  channels?: string;
  /** What the pixels' variables are called, before their number. */
  values?: string;
}

/** Writes a thread's pixels; the last thread of a row may have fewer. */
export function storeRow(
  buffer: string,
  pixels: number,
  rowLength: number,
  groups: number,
  { column = 'column', channels = 'group', values = buffer }: RowStore = {},
): string {
  const stores = lines(pixels, (p) => {
    const store = `${buffer}[to + ${p * groups}] = finishWith(known, to + ${p * groups}, ${values}${p});`;
    return rowLength % pixels === 0 ? store : `if (${column} + ${p} < ${rowLength}) { ${store} }`;
  });
  return `let known = knownOf(${channels});\n${stores}`;
}
