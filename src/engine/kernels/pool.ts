/** 2-D max pooling over [B,H,W,C] and its gradient. */
import type { tf } from '../tf';
import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import { flat, vec, widthOf } from './wgsl';

type PoolInfo = tf.backend_util.Conv2DInfo;

/** The poolings that these kernels compute. */
export function supportsPool(info: PoolInfo): boolean {
  return info.dataFormat === 'channelsLast' && info.dilationHeight === 1 && info.dilationWidth === 1;
}

function isPadded({ padInfo: { top, bottom, left, right } }: PoolInfo): boolean {
  return top + bottom + left + right > 0;
}

/** x [B,H,W,C] -> [B,h,w,C]; one thread per result and group of channels. Padding is never the maximum. */
export function maxPool(info: PoolInfo): RawKernel {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { top, left } = info.padInfo;
  const width = widthOf(inChannels);
  const groups = inChannels / width;
  // The part of a window that lies inside, from its first pixel.
  const [firstRow, endRow, firstColumn, endColumn] = isPadded(info)
    ? [
        'max(-row, 0)',
        `min(${filterHeight}, ${inHeight} - row)`,
        'max(-column, 0)',
        `min(${filterWidth}, ${inWidth} - column)`,
      ]
    : ['0', `${filterHeight}`, '0', `${filterWidth}`];
  const at = (r: string, c: string) => `x[base + (${r} * ${inWidth} + ${c}) * ${groups}]`;
  return flat({
    name: 'max pool',
    read: [`x: ${vec(width)}`],
    write: [`y: ${vec(width)}`],
    threads: batchSize * outHeight * outWidth * groups,
    body: `
      let group = i % ${groups};
      let column = (i / ${groups}) % ${outWidth} * ${info.strideWidth} - ${left};
      let row = (i / ${groups * outWidth}) % ${outHeight} * ${info.strideHeight} - ${top};
      let image = i / ${groups * outWidth * outHeight};
      let base = ((image * ${inHeight} + row) * ${inWidth} + column) * ${groups} + group;
      var best = ${at(firstRow, firstColumn)};
      for (var r = ${firstRow}; r < ${endRow}; r++) {
        for (var c = ${firstColumn}; c < ${endColumn}; c++) { best = max(best, ${at('r', 'c')}); }
      }
      y[i] = best;`,
  });
}

/**
 * dy [B,h,w,C], x [B,H,W,C] -> [B,H,W,C]: each window's gradient goes to its first maximum, as in PyTorch; windows of
 * equal numbers are common after ReLU.
 */
export function maxPoolGradient(info: PoolInfo, steps: readonly Step[]): RawKernel {
  const { strideHeight, strideWidth, filterHeight, filterWidth } = info;
  const isTiling = strideHeight === filterHeight && strideWidth === filterWidth && !isPadded(info);
  return isTiling && filterHeight * filterWidth <= 16
    ? gradientByWindow(info, steps)
    : gradientByPixel(info, steps);
}

/**
 * For windows that do not overlap, a thread computes a whole window and loads each of its pixels once; by pixel, the
 * whole window is loaded for each. On the software adapter the latter took five times as long (28x28x8, 28x28x16 and
 * 14x14x16, batch 64); a graphics card reads a quarter of the bytes. An odd last row or column belongs to no window;
 * the threads of windows that lie partly outside set it to zero.
 */
function gradientByWindow(info: PoolInfo, steps: readonly Step[]): RawKernel {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const width = widthOf(inChannels);
  const groups = inChannels / width;
  const type = vec(width);
  const [rows, columns] = [Math.ceil(inHeight / filterHeight), Math.ceil(inWidth / filterWidth)];
  const pixels = Array.from({ length: filterHeight * filterWidth }, (_, p) => ({
    p,
    r: Math.floor(p / filterWidth),
    c: p % filterWidth,
  }));
  const place = ({ r, c }: { r: number; c: number }) => `base + ${(r * inWidth + c) * groups}`;
  // Tests for rows and columns of the window that may lie outside.
  const tests = (r: number, c: number) =>
    [
      r > 0 && inHeight % filterHeight !== 0 ? `row * ${filterHeight} + ${r} < ${inHeight}` : '',
      c > 0 && inWidth % filterWidth !== 0 ? `column * ${filterWidth} + ${c} < ${inWidth}` : '',
    ].filter(Boolean);
  const store = (pixel: (typeof pixels)[number]) => {
    const at = place(pixel);
    const stored = `dx[${at}] = finishWith(known, ${at}, select(${type}(), won, first == ${type}(${pixel.p})));`;
    const inside = tests(pixel.r, pixel.c);
    return inside.length > 0 ? `if (${inside.join(' && ')}) { ${stored} }` : stored;
  };
  const whole = [
    rows > outHeight ? `row < ${outHeight}` : '',
    columns > outWidth ? `column < ${outWidth}` : '',
  ].filter(Boolean);
  const load = `won = dy[((image * ${outHeight} + row) * ${outWidth} + column) * ${groups} + group];`;
  return flat({
    name: ['max pool gradient', ...steps].join(', '),
    read: [`dy: ${type}`, `x: ${type}`],
    write: [`dx: ${type}`],
    threads: batchSize * rows * columns * groups,
    body: `
      let group = i % ${groups};
      let column = (i / ${groups}) % ${columns};
      let row = (i / ${groups * columns}) % ${rows};
      let image = i / ${groups * columns * rows};
      let base = ((image * ${inHeight} + row * ${filterHeight}) * ${inWidth} + column * ${filterWidth}) * ${groups} + group;
      var won = ${type}();
      ${whole.length > 0 ? `if (${whole.join(' && ')}) { ${load} }` : load}
      var best = x[base];
      var first = ${type}();
      ${pixels
        .slice(1)
        .map(
          (pixel) => `{
            let other = x[${place(pixel)}];
            first = select(first, ${type}(${pixel.p}), other > best);
            best = max(best, other);
          }`,
        )
        .join('\n')}
      let known = knownOf(group);
      ${pixels.map(store).join('\n')}`,
    finish: { steps, channels: inChannels },
  });
}

/**
 * A thread computes one pixel from the windows that contain it, so that overlapping windows need no atomics and
 * pixels in no window become zero.
 */
function gradientByPixel(info: PoolInfo, steps: readonly Step[]): RawKernel {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { strideHeight, strideWidth } = info;
  const { top, left } = info.padInfo;
  const width = widthOf(inChannels);
  const groups = inChannels / width;
  const type = vec(width);
  // Ties go to the earlier pixel of the window; a later one must be greater.
  const beaten = (comparison: string) => `won = select(won, ${type}(), other ${comparison} mine);`;
  return flat({
    name: ['max pool gradient', ...steps].join(', '),
    read: [`dy: ${type}`, `x: ${type}`],
    write: [`dx: ${type}`],
    threads: batchSize * inHeight * inWidth * groups,
    body: `
      let group = i % ${groups};
      let column = (i / ${groups}) % ${inWidth};
      let row = (i / ${groups * inWidth}) % ${inHeight};
      let image = i / ${groups * inWidth * inHeight};
      let mine = x[i];
      var sum = ${type}();
      let firstRow = max(row + ${top} - ${filterHeight - 1} + ${strideHeight - 1}, 0) / ${strideHeight};
      let firstColumn = max(column + ${left} - ${filterWidth - 1} + ${strideWidth - 1}, 0) / ${strideWidth};
      for (var r = firstRow; r <= min((row + ${top}) / ${strideHeight}, ${outHeight - 1}); r++) {
        for (var c = firstColumn; c <= min((column + ${left}) / ${strideWidth}, ${outWidth - 1}); c++) {
          var won = dy[((image * ${outHeight} + r) * ${outWidth} + c) * ${groups} + group];
          for (var wr = 0; wr < ${filterHeight}; wr++) {
            for (var wc = 0; wc < ${filterWidth}; wc++) {
              let y0 = r * ${strideHeight} + wr - ${top};
              let x0 = c * ${strideWidth} + wc - ${left};
              ${isPadded(info) ? `if (y0 < 0 || y0 >= ${inHeight} || x0 < 0 || x0 >= ${inWidth}) { continue; }` : ''}
              let other = x[((image * ${inHeight} + y0) * ${inWidth} + x0) * ${groups} + group];
              if (y0 < row || (y0 == row && x0 < column)) { ${beaten('>=')} } else { ${beaten('>')} }
            }
          }
          sum += won;
        }
      }
      dx[i] = finish(i, sum);`,
    finish: { steps, channels: inChannels },
  });
}
