import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import type { ConvInfo } from './conv-info';
import { loadInside, range, storeTile } from './conv-rows';
import { tileOf, tileVectors, type Tile } from './conv-tile';
import { flat, lines, part, vec, widthOf } from './wgsl';

/**
 * Convolution x [B,H,W,in], filter [k,k,in,out] -> [B,h,w,out], without shared memory.
 *
 * A thread computes a tile (`conv-tile.ts`): neighbouring pixels of a row of y, of one or several images, and some of
 * their channels. Neighbouring threads have neighbouring channels of the same pixels, then the next pixels of the
 * row, so they store adjacent numbers and read the same x. For each filter row and some input channels, a thread
 * loads the window over x of its pixels once and uses it for all columns of the filter: 18 loads for 192
 * multiply-adds of vectors with four pixels and a 3x3 filter. On the software adapter four pixels took 1 / 2.5 of the
 * time of one, and 7 or 8 took 1 / 1.6 of that of four (14x14x8 to 16, 8x8x16 to 32). If its pixels are the whole
 * row, the taps outside are known at compile time and omitted.
 */
export function convForwardByThreads(
  info: ConvInfo,
  steps: readonly Step[],
  tile: Tile = forwardTile(info),
): RawKernel {
  const { pixels, images, groups, width: a } = tile;
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const { strideWidth: stride, padInfo } = info;
  const b = widthOf(outChannels);
  const [groupsIn, groupsOut] = [inChannels / a, outChannels / b];
  const lanes = groupsOut / groups;
  const perRow = Math.ceil(outWidth / pixels);
  const window = (pixels - 1) * stride + filterWidth;
  const each = outHeight * perRow * lanes;
  const isOutside = (j: number) => perRow === 1 && (j < padInfo.left || j >= padInfo.left + inWidth);
  // Whether column j of the window lies inside the row for every thread.
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
      ${tileVectors(tile, (n, j, p) => `var y${n}_${j}_${p} = ${vec(b)}();`)}
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
        groups,
        (j) => `{
          let channels = group + ${j * lanes};
          let to = ((image * ${outHeight} + row) * ${outWidth} + column) * ${groupsOut} + channels;
          ${storeTile('y', {
            pixels,
            images,
            rowLength: outWidth,
            groups: groupsOut,
            perImage: outHeight * outWidth * groupsOut,
            column: 'column',
            value: (n, p) => `y${n}_${j}_${p}`,
            type: vec(b),
          })}
        }`,
      )}`,
    finish: { steps, channels: outChannels },
  });
}

/** A tile of y: its window over x spans the filter and the strides, and every pixel uses every filter column. */
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
