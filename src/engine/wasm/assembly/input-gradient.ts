/** The gradient of a convolution's images. */
import { copyInside, fillTable, groupOf, packedBytes } from './packing';
import { foursTogether, interleave, multiplyPlaces } from './places';
import { block, multiplyTiles } from './tiles';
import { isForWinograd } from './tiling';
import { winograd } from './winograd';

/**
 * dy [B,h,w,U], filter [k,l,C,U] -> dx [B,H,W,C]. Pixels of the image fall into stride x stride phases; each is a plain
 * convolution of dy with every stride-th tap of the turned filter.
 */
export function inputGradient(
  dy: usize,
  filter: usize,
  dx: usize,
  scratch: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  tall: i32,
  wide: i32,
  units: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  outHeight: i32,
  outWidth: i32,
): void {
  if (
    isForWinograd(
      height,
      width,
      channels,
      tall,
      wide,
      units,
      strideY,
      strideX,
      top,
      left,
      outHeight,
      outWidth,
    )
  ) {
    winograd(dy, filter, 0, dx, scratch, batch, height, width, units, channels, true);
    return;
  }
  const mostTall = (tall + strideY - 1) / strideY;
  const mostWide = (wide + strideX - 1) / strideX;
  const group = groupOf(batch, height * width);
  const paddedHeight = mostTall - 1 + max(outHeight, (height - 1 + top) / strideY + 1);
  const paddedWidth = mostWide - 1 + max(outWidth, (width - 1 + left) / strideX + 1);
  const isPadded = paddedHeight > outHeight || paddedWidth > outWidth;
  const rowBytes = (paddedWidth * units) << 2;
  const imageBytes = paddedHeight * rowBytes;

  // Filters of all phases, one after the other.
  let packed = scratch;
  for (let a = 0; a < strideY; a++)
    for (let b = 0; b < strideX; b++) {
      const rows = (tall - a + strideY - 1) / strideY;
      const columns = (wide - b + strideX - 1) / strideX;
      if (rows <= 0 || columns <= 0) continue;
      packed = packTurned(filter, packed, a, b, rows, columns, strideY, strideX, wide, channels, units);
    }
  const table = packed;
  const size = outHeight * outWidth * units;
  const together = foursTogether(batch, size, tall * wide, channels);
  if (together > 0) {
    for (; batch >= 4;) {
      const fours = min(together, batch >> 2);
      interleave(dy, table, fours, size);
      packed = scratch;
      for (let a = 0; a < strideY; a++)
        for (let b = 0; b < strideX; b++) {
          const rows = max(0, (tall - a + strideY - 1) / strideY);
          const columns = max(0, (wide - b + strideX - 1) / strideX);
          const y0 = (a - (top % strideY) + strideY) % strideY;
          const x0 = (b - (left % strideX) + strideX) % strideX;
          multiplyPlaces(
            table,
            dx + ((<usize>((y0 * width + x0) * channels)) << 2),
            fours,
            outHeight,
            outWidth,
            units,
            columns > 0 ? rows : 0,
            columns,
            packed,
            (height - y0 + strideY - 1) / strideY,
            (width - x0 + strideX - 1) / strideX,
            (y0 + top - a) / strideY - max(rows - 1, 0),
            (x0 + left - b) / strideX - max(columns - 1, 0),
            1,
            1,
            (height * width * channels) << 2,
            (strideY * width * channels) << 2,
            (strideX * channels) << 2,
            channels,
            0,
          );
          if (rows > 0 && columns > 0) packed += <usize>packedBytes(rows * columns * units, channels);
        }
      dy += (<usize>(fours * size)) << 4;
      dx += (<usize>(fours * height * width * channels)) << 4;
      batch -= fours << 2;
    }
    if (batch == 0) return;
  }
  const padded = table + ((<usize>(group * height * width + 4 * strideY * strideX)) << 3);
  if (isPadded) memory.fill(padded, 0, group * imageBytes);

  for (let image = 0; image < batch; image += group) {
    const images = min(group, batch - image);
    let src = dy + ((<usize>(image * outHeight * outWidth * units)) << 2);
    if (isPadded) {
      const inside = padded + <usize>((mostTall - 1) * rowBytes + (((mostWide - 1) * units) << 2));
      copyInside(src, inside, images, outHeight, (outWidth * units) << 2, imageBytes, rowBytes);
      src = padded;
    }
    const dst = dx + ((<usize>(image * height * width * channels)) << 2);
    packed = scratch;
    for (let a = 0; a < strideY; a++)
      for (let b = 0; b < strideX; b++) {
        const rows = max(0, (tall - a + strideY - 1) / strideY);
        const columns = max(0, (wide - b + strideX - 1) / strideX);
        // The first row of this phase, and its row in dy.
        const y0 = (a - (top % strideY) + strideY) % strideY;
        const x0 = (b - (left % strideX) + strideX) % strideX;
        if (y0 >= height || x0 >= width) {
          if (rows > 0 && columns > 0) packed += <usize>packedBytes(rows * columns * units, channels);
          continue;
        }
        const firstRow = (y0 + top - a) / strideY - max(rows - 1, 0) + mostTall - 1;
        const firstColumn = (x0 + left - b) / strideX - max(columns - 1, 0) + mostWide - 1;
        const count = fillTable(
          table,
          images,
          (height - y0 + strideY - 1) / strideY,
          (width - x0 + strideX - 1) / strideX,
          imageBytes,
          rowBytes,
          units << 2,
          (height * width * channels) << 2,
          (strideY * width * channels) << 2,
          (strideX * channels) << 2,
        );
        multiplyTiles(
          src + <usize>(firstRow * rowBytes + ((firstColumn * units) << 2)),
          dst + ((<usize>((y0 * width + x0) * channels)) << 2),
          table,
          count,
          packed,
          columns > 0 ? rows : 0,
          columns * units,
          rowBytes,
          channels,
          0,
        );
        if (rows > 0 && columns > 0) packed += <usize>packedBytes(rows * columns * units, channels);
      }
  }
}

/** The taps a, a + strideY, ... by b, b + strideX, ... of a filter, turned by 180 degrees, with inputs and units exchanged. */
function packTurned(
  filter: usize,
  to: usize,
  a: i32,
  b: i32,
  rows: i32,
  columns: i32,
  strideY: i32,
  strideX: i32,
  wide: i32,
  channels: i32,
  units: i32,
): usize {
  for (let channel = 0; channel < channels; channel += block) {
    const count = min(block, channels - channel);
    for (let row = rows - 1; row >= 0; row--)
      for (let column = columns - 1; column >= 0; column--) {
        const tap = (a + row * strideY) * wide + b + column * strideX;
        const from = filter + ((<usize>((tap * channels + channel) * units)) << 2);
        for (let c = 0; c < block; c++) {
          let at = from + ((<usize>(c * units)) << 2);
          let into = to + ((<usize>c) << 2);
          for (let unit = 0; unit < units; unit++) {
            store<f32>(into, c < count ? load<f32>(at) : 0);
            at += 4;
            into += 32;
          }
        }
        to += (<usize>units) << 5;
      }
  }
  return to;
}
