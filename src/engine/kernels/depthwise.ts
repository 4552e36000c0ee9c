/**
 * Depthwise convolution over [B,H,W,C] with square kernels and equal strides, each channel by itself: forward, gradient
 * of the input and gradient of the filter. Filters are [k,k,C,1]. A thread has a group of neighbouring channels
 * throughout.
 */
import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import { supportsConv, type ConvInfo } from './conv-info';
import { loadInside, meetingsOf, storeRow } from './conv-rows';
import { partialSumsFor } from './partial-sums';
import { flat, lines, pixelsPerThread, vec, widthOf } from './wgsl';

/** The depthwise convolutions that these kernels compute. */
export function supportsDepthwise(info: ConvInfo): boolean {
  return supportsConv(info) && info.outChannels === info.inChannels;
}

/**
 * x [B,H,W,C], filter -> [B,h,w,C]; a thread computes several neighbouring pixels of a row and loads their window
 * once.
 */
export function depthwiseForward(info: ConvInfo, steps: readonly Step[]): RawKernel {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { strideWidth: stride, padInfo } = info;
  const width = widthOf(inChannels);
  const [groups, type] = [inChannels / width, vec(width)];
  const pixels = pixelsPerThread(outWidth);
  const perRow = Math.ceil(outWidth / pixels);
  const window = (pixels - 1) * stride + filterWidth;
  const taps = lines(
    filterWidth,
    (kx) => `{ let w = filter_[(ky * ${filterWidth} + ${kx}) * ${groups} + group];
      ${lines(pixels, (p) => `y${p} += x${p * stride + kx} * w;`)} }`,
  );
  return flat({
    name: ['depthwise forward', ...steps].join(', '),
    read: [`x: ${type}`, `filter_: ${type}`],
    write: [`y: ${type}`],
    threads: info.batchSize * outHeight * perRow * groups,
    body: `
      let group = i % ${groups};
      let column = (i / ${groups}) % ${perRow} * ${pixels};
      let row = (i / ${groups * perRow}) % ${outHeight};
      let image = i / ${groups * perRow * outHeight};
      let left = column * ${stride} - ${padInfo.left};
      ${lines(pixels, (p) => `var y${p} = ${type}();`)}
      for (var ky = 0; ky < ${filterHeight}; ky++) {
        let inRow = row * ${stride} + ky - ${padInfo.top};
        if (inRow < 0 || inRow >= ${inHeight}) { continue; }
        let base = ((image * ${inHeight} + inRow) * ${inWidth} + left) * ${groups} + group;
        ${lines(window, (j) => loadInside(`x${j}`, 'x', `base + ${j * groups}`, `left + ${j}`, inWidth, width))}
        ${taps}
      }
      let to = ((image * ${outHeight} + row) * ${outWidth} + column) * ${groups} + group;
      ${storeRow('y', pixels, outWidth, groups)}`,
    finish: { steps, channels: inChannels },
  });
}

/**
 * dy [B,h,w,C], filter -> [B,H,W,C]. A thread computes neighbouring pixels of the input, a multiple of the stride, so
 * that the taps that contribute to each are known at compile time.
 */
export function depthwiseInputGradient(info: ConvInfo, steps: readonly Step[]): RawKernel {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { strideWidth: stride, padInfo } = info;
  const width = widthOf(inChannels);
  const [groups, type] = [inChannels / width, vec(width)];
  const pixels = pixelsPerThread(inWidth, stride);
  const perRow = Math.ceil(inWidth / pixels);
  const meetings = meetingsOf(info, pixels);
  const offsets = [...new Set(meetings.map(({ offset }) => offset))];
  const first = Math.min(...offsets);
  const loads = offsets.map((offset) =>
    loadInside(
      `d${offset - first}`,
      'dy',
      `base + (${offset * groups})`,
      `column + (${offset})`,
      outWidth,
      width,
    ),
  );
  const taps = lines(filterWidth, (kx) => {
    const mine = meetings.filter((meeting) => meeting.kx === kx);
    if (mine.length === 0) return '';
    return `{ let w = filter_[(ky * ${filterWidth} + ${kx}) * ${groups} + group];
      ${mine.map(({ p, offset }) => `x${p} += d${offset - first} * w;`).join('\n')} }`;
  });
  return flat({
    name: ['depthwise input gradient', ...steps].join(', '),
    read: [`dy: ${type}`, `filter_: ${type}`],
    write: [`x: ${type}`],
    threads: info.batchSize * inHeight * perRow * groups,
    body: `
      let group = i % ${groups};
      let left = (i / ${groups}) % ${perRow} * ${pixels};
      let row = (i / ${groups * perRow}) % ${inHeight};
      let image = i / ${groups * perRow * inHeight};
      let column = left / ${stride};
      ${lines(pixels, (p) => `var x${p} = ${type}();`)}
      for (var ky = 0; ky < ${filterHeight}; ky++) {
        let strided = row + ${padInfo.top} - ky;
        let outRow = strided / ${stride};
        if (strided < 0 || outRow >= ${outHeight} || outRow * ${stride} != strided) { continue; }
        let base = ((image * ${outHeight} + outRow) * ${outWidth} + column) * ${groups} + group;
        ${loads.join('\n')}
        ${taps}
      }
      let to = ((image * ${inHeight} + row) * ${inWidth} + left) * ${groups} + group;
      ${storeRow('x', pixels, inWidth, groups, 'left')}`,
    finish: { steps, channels: inChannels },
  });
}

/** Number of partial sums over the rows of a batch for the filter gradient. */
export function depthwisePartials({ inChannels, filterHeight, batchSize, outHeight }: ConvInfo): number {
  return partialSumsFor((inChannels / widthOf(inChannels)) * filterHeight, batchSize * outHeight);
}

/**
 * x [B,H,W,C], dy [B,h,w,C] -> partial sums [partials,k,k,C]. A thread has a chunk of the rows and one filter row,
 * whose sums it holds in registers.
 */
export function depthwiseFilterGradient(info: ConvInfo, partials: number): RawKernel {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { strideWidth: stride, padInfo } = info;
  const width = widthOf(inChannels);
  const [groups, type] = [inChannels / width, vec(width)];
  const rows = info.batchSize * outHeight;
  const results = filterHeight * groups;
  const tap = (kx: number) =>
    `{ let c = left + ${kx}; if (c >= 0 && c < ${inWidth}) { sum${kx} += x[base + c * ${groups}] * d; } }`;
  const each = Math.ceil(rows / partials);
  return flat({
    name: 'depthwise filter gradient',
    read: [`x: ${type}`, `dy: ${type}`],
    write: [`filter_: ${type}`],
    threads: partials * results,
    body: `
      let group = i % ${groups};
      let ky = (i / ${groups}) % ${filterHeight};
      let chunk = i / ${results};
      ${lines(filterWidth, (kx) => `var sum${kx} = ${type}();`)}
      for (var r = chunk * ${each}; r < min((chunk + 1) * ${each}, ${rows}); r++) {
        let inRow = r % ${outHeight} * ${stride} + ky - ${padInfo.top};
        if (inRow < 0 || inRow >= ${inHeight}) { continue; }
        let base = (r / ${outHeight} * ${inHeight} + inRow) * ${inWidth * groups} + group;
        for (var column = 0; column < ${outWidth}; column++) {
          let left = column * ${stride} - ${padInfo.left};
          let d = dy[(r * ${outWidth} + column) * ${groups} + group];
          ${lines(filterWidth, tap)}
        }
      }
      let to = (chunk * ${filterHeight} + ky) * ${filterWidth * groups} + group;
      ${lines(filterWidth, (kx) => `filter_[to + ${kx * groups}] = sum${kx};`)}`,
  });
}
