/** How images and filters are laid out for the convolutions' inner loops. */
import { block } from './tiles';

/**
 * Images are taken together until they have this many pixels: with fewer, the filters would be read from the second
 * cache too often (a quarter of the time at 2x2 pixels and 64 channels).
 */
export const pixelsTogether: i32 = 128;

export function groupOf(batch: i32, pixels: i32): i32 {
  return min(batch, max(1, pixelsTogether / pixels));
}

export function roundUp(value: i32, to: i32): i32 {
  return ((value + to - 1) / to) * to;
}

/** Bytes of packed filters: blocks of 8 channels. */
export function packedBytes(rows: i32, channels: i32): i32 {
  return (rows * roundUp(channels, block)) << 2;
}

/**
 * Rows [rows, channels] as blocks of 8 channels [channels / 8, rows, 8], zeros beyond the last.
 * @param rowBytes between rows; @param channelBytes between channels of a row
 */
export function packRows(
  from: usize,
  to: usize,
  rows: i32,
  channels: i32,
  rowBytes: i32,
  channelBytes: i32,
): usize {
  for (let channel = 0; channel < channels; channel += block) {
    const count = min(block, channels - channel);
    let start = from + <usize>(channel * channelBytes);
    for (let row = 0; row < rows; row++) {
      if (count == block && channelBytes == 4) {
        v128.store(to, v128.load(start));
        v128.store(to, v128.load(start, 16), 16);
      } else {
        let at = start;
        for (let c = 0; c < block; c++) {
          store<f32>(to + ((<usize>c) << 2), c < count ? load<f32>(at) : 0);
          at += channelBytes;
        }
      }
      start += rowBytes;
      to += 32;
    }
  }
  return to;
}

/**
 * Offsets of a grid of pixels in bytes, for `multiplyTiles`. Repeats the last pixel up to a multiple of 4.
 * @returns the number of pixels with those repeated
 */
export function fillTable(
  table: usize,
  images: i32,
  rows: i32,
  columns: i32,
  srcImage: i32,
  srcRow: i32,
  srcColumn: i32,
  dstImage: i32,
  dstRow: i32,
  dstColumn: i32,
): i32 {
  let at = table;
  for (let image = 0; image < images; image++)
    for (let row = 0; row < rows; row++) {
      let src = image * srcImage + row * srcRow;
      let dst = image * dstImage + row * dstRow;
      for (let column = 0; column < columns; column++) {
        store<u32>(at, src);
        store<u32>(at, dst, 4);
        src += srcColumn;
        dst += dstColumn;
        at += 8;
      }
    }
  let pixels = images * rows * columns;
  while (pixels > 0 && (pixels & 3) != 0) {
    store<u64>(at, load<u64>(at - 8));
    at += 8;
    pixels++;
  }
  return pixels;
}

/** Copies images [images,height,width,channels] into the middle of larger ones, whose edges it leaves as they are. */
export function copyInside(
  from: usize,
  to: usize,
  images: i32,
  height: i32,
  rowBytes: i32,
  toImageBytes: i32,
  toRowBytes: i32,
): void {
  for (let image = 0; image < images; image++) {
    let row = to + <usize>(image * toImageBytes);
    for (let y = 0; y < height; y++) {
      memory.copy(row, from, rowBytes);
      from += rowBytes;
      row += toRowBytes;
    }
  }
}
