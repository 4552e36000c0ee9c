/**
 * Convolutions of 3x3 with stride 1 and zeros around the image, by Winograd's products: the image falls into tiles of 2x2
 * outputs, of which each takes 16 products of a channel with a unit instead of 36; an image of 2x2 takes 9 instead of 16.
 * Between the maps of `maps.ts` there are products of matrices, one for each point. The order of every sum is fixed by the
 * shapes.
 */
import { mapFilter, mapOutput, mapSmallFilter, mapSmallOutput, storeTurned } from './maps';
import { block } from './tiles';
import { bytesTogether, copyPadded, gap, mapInputs, multiplyPanels, padded, pointsOf } from './tiling';

/** Fours of images that are put together at once. */
function foursTogether(batch: i32, size: i32): i32 {
  return min((batch + 3) >> 2, max(1, bytesTogether / (size << 4)));
}

/** Tiles of four images that are multiplied together. */
function quadsTogether(inner: i32, points: i32): i32 {
  return max(1, min(64, bytesTogether / ((points * inner) << 4)));
}

/** Bytes of scratch memory for `winograd` of this shape, in the given direction. */
export function winogradBytes(batch: i32, height: i32, width: i32, inner: i32, outer: i32): i32 {
  const points = pointsOf(height, width);
  const size = padded(height, width, inner);
  const quads = quadsTogether(inner, points);
  const filters = (9 * inner * block + points * inner * outer) << 2;
  const images = (foursTogether(batch, size) * size) << 4;
  const gaps = <i32>gap * (9 + points * (1 + outer / block));
  return filters + images + ((quads * points * inner) << 4) + ((quads * points) << 7) + gaps;
}

/** A block of 8 units of a filter [9,C,U] -> [9,C,8] with gaps */
function packBlock(filter: usize, to: usize, channels: i32, units: i32, unit: i32): void {
  const pitch = (<usize>units) << 2;
  let from = filter + ((<usize>unit) << 2);
  for (let tap = 0; tap < 9; tap++) {
    for (let channel = 0; channel < channels; channel++) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      from += pitch;
      to += 32;
    }
    to += gap;
  }
}

/** A block of 8 channels of a filter [9,C,U], turned by 180 degrees, with channels and units exchanged -> [9,U,8] with gaps */
function packTurnedBlock(filter: usize, to: usize, channels: i32, units: i32, channel: i32): void {
  const pitch = (<usize>units) << 2;
  for (let tap = 8; tap >= 0; tap--) {
    let from = filter + <usize>(tap * channels + channel) * pitch;
    for (let unit = 0; unit < units; unit += 4) {
      turn(from, pitch, to);
      turn(from + 4 * pitch, pitch, to + 16);
      from += 16;
      to += 128;
    }
    to += gap;
  }
}

function turn(from: usize, pitch: usize, to: usize): void {
  const third = from + 2 * pitch;
  storeTurned(v128.load(from), v128.load(from + pitch), v128.load(third), v128.load(third + pitch), to, 32);
}

/** Taps [9,K,8] -> points [points,K,8], both with gaps */
function mapFilters(taps: usize, to: usize, inner: i32, points: i32): void {
  const bytes = ((<usize>inner) << 5) + gap;
  const end = taps + bytes - gap;
  if (points == 9)
    for (; taps < end; taps += 16) {
      mapSmallFilter(taps, to, bytes);
      to += 16;
    }
  else
    for (; taps < end; taps += 16) {
      mapFilter(taps, to, bytes);
      to += 16;
    }
}

/**
 * Rows of four images -> [rows, run, 4]
 * @param second, third, fourth distances in bytes from the first image
 * @param rowBytes from row to row @param gapBytes what is left out between rows of the result
 */
function interleave(
  from: usize,
  second: usize,
  third: usize,
  fourth: usize,
  rows: i32,
  run: i32,
  rowBytes: usize,
  to: usize,
  gapBytes: usize,
): void {
  for (let row = 0; row < rows; row++) {
    let at = from;
    for (let n = 0; n < run; n += 4) {
      storeTurned(
        v128.load(at),
        v128.load(at + second),
        v128.load(at + third),
        v128.load(at + fourth),
        to,
        16,
      );
      at += 16;
      to += 64;
    }
    from += rowBytes;
    to += gapBytes;
  }
}

/**
 * Products of the points of one tile of up to four images with a block of 8 units -> its outputs.
 * @param from [points, 4 images, 8] @param to the first unit of the tile's first pixel in the first image
 * @param second, third, fourth distances in bytes of the others from it
 */
function mapOutputs(
  from: usize,
  to: usize,
  images: i32,
  second: usize,
  third: usize,
  fourth: usize,
  rowBytes: usize,
  pixelBytes: usize,
  low: v128,
  high: v128,
  points: i32,
): void {
  for (let image = 0; image < images; image++) {
    const at = image == 0 ? to : to + (image == 1 ? second : image == 2 ? third : fourth);
    if (points == 9) {
      mapSmallOutput(from, low, at, rowBytes, pixelBytes);
      mapSmallOutput(from + 16, high, at + 16, rowBytes, pixelBytes);
    } else {
      mapOutput(from, low, at, rowBytes, pixelBytes);
      mapOutput(from + 16, high, at + 16, rowBytes, pixelBytes);
    }
    from += 32;
  }
}

/**
 * Convolves fours of images that lie together, in the middle of zeros.
 * @param images [fours, 2 * down + 2, 2 * across + 2, inner, 4], without zeros around where there are 9 points
 * @param filters [outer / 8, points, inner, 8] with gaps @param inputs, products memory for `most` tiles
 * @param last how many images the last four has
 * @param fourBytes from one four to the next in y; `second` to `fourth` as for `mapOutputs`
 */
function convolveFours(
  images: usize,
  filters: usize,
  bias: usize,
  y: usize,
  inputs: usize,
  products: usize,
  most: i32,
  fours: i32,
  last: i32,
  down: i32,
  across: i32,
  inner: i32,
  outer: i32,
  points: i32,
  fourBytes: usize,
  second: usize,
  third: usize,
  fourth: usize,
  rowBytes: usize,
): void {
  const tiles = down * across;
  const quadBytes = (<usize>inner) << 4;
  const filterBytes = ((<usize>inner) << 5) + gap;
  const productBytes = (<usize>points) << 7;
  const pixelBytes = (<usize>outer) << 2;
  const edge = points == 9 ? 0 : 2;
  const imageRow = <usize>(2 * across + edge) * quadBytes;
  const imagesBytes = <usize>(2 * down + edge) * imageRow;
  for (let first = 0; first < fours * tiles; first += most) {
    const quads = min(most, fours * tiles - first);
    const pointBytes = <usize>quads * quadBytes + gap;
    for (let quad = 0; quad < quads; quad++) {
      const four = (first + quad) / tiles;
      const tile = first + quad - four * tiles;
      const row = <usize>((tile / across) << 1);
      const column = <usize>((tile % across) << 1);
      const from = images + <usize>four * imagesBytes + row * imageRow + column * quadBytes;
      mapInputs(from, imageRow, quadBytes, inner, inputs + <usize>quad * quadBytes, 16, pointBytes, points);
    }
    for (let unit = 0; unit < outer; unit += block) {
      const ofBlock = filters + <usize>((unit >> 3) * points) * filterBytes;
      for (let point: usize = 0; point < <usize>points; point++)
        multiplyPanels(
          inputs + point * pointBytes,
          ofBlock + point * filterBytes,
          products + (point << 7),
          quads,
          inner,
          productBytes,
          false,
        );
      const channel = (<usize>unit) << 2;
      const low = bias ? v128.load(bias + channel) : f32x4.splat(0);
      const high = bias ? v128.load(bias + channel, 16) : f32x4.splat(0);
      for (let quad = 0; quad < quads; quad++) {
        const four = (first + quad) / tiles;
        const tile = first + quad - four * tiles;
        const row = <usize>((tile / across) << 1);
        const column = <usize>((tile % across) << 1);
        mapOutputs(
          products + <usize>quad * productBytes,
          y + <usize>four * fourBytes + row * rowBytes + column * pixelBytes + channel,
          four == fours - 1 ? last : 4,
          second,
          third,
          fourth,
          rowBytes,
          pixelBytes,
          low,
          high,
          points,
        );
      }
    }
  }
}

/**
 * Convolves x [B,H,W,inner] to y; the filter is [9,C,U], or turned where the gradient of the images is asked. Images that are
 * left over when all fours are done fall into four quarters, which are computed together, where their sides are multiples of 4.
 * @param inner, outer channels of x and of y: C and U, or U and C where it is turned @param bias [outer], or 0
 */
export function winograd(
  x: usize,
  filter: usize,
  bias: usize,
  y: usize,
  scratch: usize,
  batch: i32,
  height: i32,
  width: i32,
  inner: i32,
  outer: i32,
  isTurned: bool,
): void {
  const points = pointsOf(height, width);
  const down = height >> 1;
  const across = width >> 1;
  const size = padded(height, width, inner);
  const together = foursTogether(batch, size);
  const most = quadsTogether(inner, points);
  const quadBytes = (<usize>inner) << 4;
  const filterBytes = ((<usize>inner) << 5) + gap;
  const blockBytes = <usize>points * filterBytes;
  const filters = scratch + 9 * filterBytes;
  const images = filters + <usize>(outer >> 3) * blockBytes;
  const inputs = images + ((<usize>(together * size)) << 4);
  const products = inputs + <usize>points * (<usize>most * quadBytes + gap);
  for (let unit = 0; unit < outer; unit += block) {
    if (isTurned) packTurnedBlock(filter, scratch, outer, inner, unit);
    else packBlock(filter, scratch, inner, outer, unit);
    mapFilters(scratch, filters + <usize>(unit >> 3) * blockBytes, inner, points);
  }

  const pixelOfX = (<usize>inner) << 2;
  const rowOfX = <usize>width * pixelOfX;
  const imageOfX = <usize>height * rowOfX;
  const pixelOfY = (<usize>outer) << 2;
  const rowOfY = <usize>width * pixelOfY;
  const imageOfY = <usize>height * rowOfY;
  const isQuartered = points == 16 && ((height | width) & 3) == 0;
  const edge: usize = points == 9 ? 0 : quadBytes;
  const inside = edge ? <usize>(width + 2) * quadBytes + edge : 0;
  if (edge && (batch > 3 || !isQuartered)) memory.fill(images, 0, (<usize>(together * size)) << 4);
  let left = batch;
  while (left > (isQuartered ? 3 : 0)) {
    const fours = min(together, isQuartered ? left >> 2 : (left + 3) >> 2);
    const last = min(4, left - ((fours - 1) << 2));
    for (let four = 0; four < fours; four++) {
      const count = four == fours - 1 ? last : 4;
      const second = count > 1 ? imageOfX : 0;
      const third = count > 2 ? 2 * imageOfX : second;
      const fourth = count > 3 ? 3 * imageOfX : third;
      const to = images + inside + ((<usize>(four * size)) << 4);
      interleave(x, second, third, fourth, height, width * inner, rowOfX, to, 2 * edge);
      x += 4 * imageOfX;
    }
    convolveFours(
      images,
      filters,
      bias,
      y,
      inputs,
      products,
      most,
      fours,
      last,
      down,
      across,
      inner,
      outer,
      points,
      4 * imageOfY,
      imageOfY,
      2 * imageOfY,
      3 * imageOfY,
      rowOfY,
    );
    y += <usize>(fours << 2) * imageOfY;
    left -= fours << 2;
  }

  // An image with zeros around it, behind its quarters.
  const paddedRow = rowOfX + 2 * pixelOfX;
  const whole = images + <usize>((down + 2) * (across + 2)) * quadBytes;
  for (; left > 0; left--) {
    memory.fill(whole, 0, (<usize>size) << 2);
    copyPadded(x, whole, height, rowOfX, paddedRow, pixelOfX);
    const right = <usize>across * pixelOfX;
    const below = <usize>down * paddedRow;
    const run = (across + 2) * inner;
    interleave(whole, right, below, below + right, down + 2, run, paddedRow, images, 0);
    convolveFours(
      images,
      filters,
      bias,
      y,
      inputs,
      products,
      most,
      1,
      4,
      down >> 1,
      across >> 1,
      inner,
      outer,
      points,
      0,
      <usize>across * pixelOfY,
      <usize>down * rowOfY,
      <usize>down * rowOfY + <usize>across * pixelOfY,
      rowOfY,
    );
    x += imageOfX;
    y += imageOfY;
  }
}
