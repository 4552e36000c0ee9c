import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import type { ConvInfo } from './conv-info';
import { loadInside, meetingsOf, range, storeTile } from './conv-rows';
import { tileOf, tileVectors, type Tile } from './conv-tile';
import { dot, flat, lines, part, vec, widthOf } from './wgsl';

/**
 * Gradient of a convolution's input, which is also the transposed convolution: dy [B,h,w,out], filter [k,k,in,out] ->
 * dx [B,H,W,in], without shared memory.
 *
 * The counterpart of the forward kernel: a thread computes a tile of dx and loads the pixels of dy that it needs once
 * per filter row. Threads are ordered as there. Its pixels are a multiple of the stride, so the filter columns and
 * pixels of dy that contribute to each are known at compile time, and no thread tests for a remainder along the row.
 * Filter rows between two rows of dy are skipped.
 */
export function convInputGradientByThreads(
  info: ConvInfo,
  steps: readonly Step[],
  tile: Tile = inputTile(info),
): RawKernel {
  const { pixels, images, groups, width: b } = tile;
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
  const taps = lines(filterWidth, (kx) => {
    const mine = meetings.filter((meeting) => meeting.kx === kx);
    if (mine.length === 0) return '';
    const weight = (j: number, c: number) =>
      `filter_[at + ${(kx * inChannels + j * lanes * a + c) * groupsOut}]`;
    const add = (sum: (n: number, p: number, offset: number) => string) =>
      lines(images, (n) => mine.map(({ p, offset }) => sum(n, p, offset)).join('\n'));
    return lines(groups, (j) =>
      // One vector of weights gathered from four: a fourth of the statements, which dominate the compile time.
      b === 1
        ? `{
            let w = ${vec(a)}(${range(a)
              .map((c) => weight(j, c))
              .join()});
            ${add((n, p, offset) => `x${n}_${j}_${p} += ${name(n, offset)} * w;`)}
          }`
        : lines(
            a,
            (c) => `{
              let w = ${weight(j, c)};
              ${add((n, p, offset) => `${part(`x${n}_${j}_${p}`, c, a)} += ${dot(name(n, offset), 'w', b)};`)}
            }`,
          ),
    );
  });
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
      ${tileVectors(tile, (n, j, p) => `var x${n}_${j}_${p} = ${vec(a)}();`)}
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
        groups,
        (j) => `{
          let channels = group + ${j * lanes};
          let to = ((image * ${inHeight} + row) * ${inWidth} + left) * ${groupsIn} + channels;
          ${storeTile('x', {
            pixels,
            images,
            rowLength: inWidth,
            groups: groupsIn,
            perImage: inHeight * inWidth * groupsIn,
            column: 'left',
            value: (n, p) => `x${n}_${j}_${p}`,
            type: vec(a),
          })}
        }`,
      )}`,
    finish: { steps, channels: inChannels },
  });

  function name(n: number, offset: number): string {
    return `d${n}_${offset - Math.min(...offsets)}`;
  }
}

/**
 * A tile of dx: with a stride only some filter columns contribute to a pixel, several of them from the same pixel of
 * dy.
 */
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
