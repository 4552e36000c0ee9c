/**
 * Convolutions of 3x3 with stride 1 and zeros around the image, by Winograd's products: the image falls into tiles of 2x2
 * outputs, of which each takes 16 products of a channel with a unit instead of 36; an image of 2x2 takes 9 instead of 16.
 * Between the maps of `maps.ts` there are products of matrices, one for each point. The order of every sum is fixed by the
 * shapes.
 */
import {
  mapFilter,
  mapInput,
  mapOutput,
  mapSlope,
  mapSmallFilter,
  mapSmallInput,
  mapSmallOutput,
  mapSmallSlope,
  mapSmallTaps,
  mapTaps,
  storeTurned,
} from './maps';
import { block } from './tiles';

/** With fewer channels the maps take longer than the products that they spare. */
const leastChannels: i32 = 8;
/** Numbers of an image, of which four are put together in memory that each thread has. */
const mostNumbers: i32 = 262144;
/** What is multiplied together, in bytes: a part of the second cache. */
const bytesTogether: i32 = 196608;

/**
 * Between what is read or written at once, so that it does not fall into the same few places of the nearest cache: its
 * distances would be powers of two.
 */
const gap: usize = 64;

/** Whether these convolutions are for this shape, whatever the batch is. */
export function isForWinograd(
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
): bool {
  const isSame = top == 1 && left == 1 && outHeight == height && outWidth == width;
  const isPlain = tall == 3 && wide == 3 && strideY == 1 && strideX == 1 && isSame;
  const isTiled = isSmall(height, width) || (min(height, width) >= 4 && ((height | width) & 1) == 0);
  const isEven = ((channels | units) & 7) == 0;
  const isWorth = min(channels, units) >= leastChannels;
  return isPlain && isTiled && isEven && isWorth && height * width * max(channels, units) <= mostNumbers;
}

function isSmall(height: i32, width: i32): bool {
  return height == 2 && width == 2;
}

function pointsOf(height: i32, width: i32): i32 {
  return isSmall(height, width) ? 9 : 16;
}

/** Numbers of an image with the zeros around it; an image of 2x2 needs none. */
function padded(height: i32, width: i32, channels: i32): i32 {
  return isSmall(height, width) ? 4 * channels : (height + 2) * (width + 2) * channels;
}

/** Fours of images that are put together at once. */
function foursTogether(batch: i32, size: i32): i32 {
  return min((batch + 3) >> 2, max(1, bytesTogether / (size << 4)));
}

/** Tiles of four images that are multiplied together. */
function quadsTogether(inner: i32, points: i32): i32 {
  return max(1, min(64, bytesTogether / ((points * inner) << 4)));
}

/** Rows of tiles that are multiplied together for a filter's gradient. */
function rowsTogether(height: i32, width: i32, channels: i32, units: i32): i32 {
  return max(1, bytesTogether / ((pointsOf(height, width) * (width >> 1) * (channels + units)) << 2));
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

/** Bytes of scratch memory for `winogradFilter` of this shape. */
export function winogradFilterBytes(height: i32, width: i32, channels: i32, units: i32): i32 {
  const places = rowsTogether(height, width, channels, units) * (width >> 1);
  const numbers = pointsOf(height, width) * (places * (channels + units) + channels * units);
  return ((padded(height, width, channels) + numbers) << 2) + 2 * <i32>gap * pointsOf(height, width);
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

/** Up to four images [count,H,W,C] -> [H,W,C,4], in the middle of zeros where there are any around; the last is repeated. */
function interleave(from: usize, to: usize, count: i32, height: i32, width: i32, channels: i32): void {
  const pitch = (<usize>(height * width * channels)) << 2;
  const second = count > 1 ? pitch : 0;
  const third = count > 2 ? 2 * pitch : second;
  const fourth = count > 3 ? 3 * pitch : third;
  const isAlone = isSmall(height, width);
  const edge = isAlone ? 0 : (<usize>channels) << 4;
  const run = isAlone ? height * width * channels : width * channels;
  if (!isAlone) to += ((<usize>((width + 2) * channels)) << 4) + edge;
  const rows = isAlone ? 1 : height;
  for (let row = 0; row < rows; row++) {
    for (let n = 0; n < run; n += 4) {
      const third = from + 2 * pitch;
      storeTurned(
        v128.load(from),
        v128.load(from + pitch),
        v128.load(third),
        v128.load(third + pitch),
        to,
        16,
      );
      from += 16;
      to += 64;
    }
    to += 2 * edge;
  }
}

/** Points of one tile, of so many vectors of each pixel. */
function mapInputs(
  from: usize,
  rowBytes: usize,
  pixelBytes: usize,
  vectors: i32,
  to: usize,
  vectorBytes: usize,
  pointBytes: usize,
  points: i32,
): void {
  if (points == 9)
    for (let vector = 0; vector < vectors; vector++) {
      mapSmallInput(from, rowBytes, pixelBytes, to, pointBytes);
      from += 16;
      to += vectorBytes;
    }
  else
    for (let vector = 0; vector < vectors; vector++) {
      mapInput(from, rowBytes, pixelBytes, to, pointBytes);
      from += 16;
      to += vectorBytes;
    }
}

/**
 * Products of the points of one tile of up to four images with a block of 8 units -> its outputs.
 * @param from [points, 4 images, 8] @param to the first unit of the tile's first pixel in the first image
 */
function mapOutputs(
  from: usize,
  to: usize,
  images: i32,
  imageBytes: usize,
  rowBytes: usize,
  pixelBytes: usize,
  low: v128,
  high: v128,
  points: i32,
): void {
  const end = from + ((<usize>images) << 5);
  if (points == 9)
    for (; from < end; from += 32) {
      mapSmallOutput(from, low, to, rowBytes, pixelBytes);
      mapSmallOutput(from + 16, high, to + 16, rowBytes, pixelBytes);
      to += imageBytes;
    }
  else
    for (; from < end; from += 32) {
      mapOutput(from, low, to, rowBytes, pixelBytes);
      mapOutput(from + 16, high, to + 16, rowBytes, pixelBytes);
      to += imageBytes;
    }
}

/**
 * to[panel] = sum over `count` of p[panel][n] * q[n], of four numbers with eight; added to what is there if `isMore`.
 * @param toBytes from one panel's result to the next
 */
function multiplyPanels(
  p: usize,
  q: usize,
  to: usize,
  panels: i32,
  count: i32,
  toBytes: usize,
  isMore: bool,
): void {
  const panelBytes = (<usize>count) << 4;
  for (let panel = 0; panel < panels; panel++) {
    const end = p + panelBytes;
    let w = q;
    let a0 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let b2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let b3 = f32x4.splat(0);
    if (isMore) {
      a0 = v128.load(to);
      b0 = v128.load(to, 16);
      a1 = v128.load(to, 32);
      b1 = v128.load(to, 48);
      a2 = v128.load(to, 64);
      b2 = v128.load(to, 80);
      a3 = v128.load(to, 96);
      b3 = v128.load(to, 112);
    }
    for (; p < end; p += 16) {
      const low = v128.load(w);
      const high = v128.load(w, 16);
      let v = v128.load32_splat(p);
      a0 = f32x4.add(a0, f32x4.mul(v, low));
      b0 = f32x4.add(b0, f32x4.mul(v, high));
      v = v128.load32_splat(p, 4);
      a1 = f32x4.add(a1, f32x4.mul(v, low));
      b1 = f32x4.add(b1, f32x4.mul(v, high));
      v = v128.load32_splat(p, 8);
      a2 = f32x4.add(a2, f32x4.mul(v, low));
      b2 = f32x4.add(b2, f32x4.mul(v, high));
      v = v128.load32_splat(p, 12);
      a3 = f32x4.add(a3, f32x4.mul(v, low));
      b3 = f32x4.add(b3, f32x4.mul(v, high));
      w += 32;
    }
    v128.store(to, a0);
    v128.store(to, b0, 16);
    v128.store(to, a1, 32);
    v128.store(to, b1, 48);
    v128.store(to, a2, 64);
    v128.store(to, b2, 80);
    v128.store(to, a3, 96);
    v128.store(to, b3, 112);
    to += toBytes;
  }
}

/**
 * Convolves x [B,H,W,inner] to y; the filter is [9,C,U], or turned where the gradient of the images is asked.
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
  const across = width >> 1;
  const tiles = (height >> 1) * across;
  const size = padded(height, width, inner);
  const together = foursTogether(batch, size);
  const most = quadsTogether(inner, points);
  const quadBytes = (<usize>inner) << 4;
  const filterBytes = ((<usize>inner) << 5) + gap;
  const blockBytes = <usize>points * filterBytes;
  const productBytes = (<usize>points) << 7;
  const filters = scratch + 9 * filterBytes;
  const images = filters + <usize>(outer >> 3) * blockBytes;
  const inputs = images + ((<usize>(together * size)) << 4);
  const products = inputs + <usize>points * (<usize>most * quadBytes + gap);
  for (let unit = 0; unit < outer; unit += block) {
    if (isTurned) packTurnedBlock(filter, scratch, outer, inner, unit);
    else packBlock(filter, scratch, inner, outer, unit);
    mapFilters(scratch, filters + <usize>(unit >> 3) * blockBytes, inner, points);
  }
  if (points == 16) memory.fill(images, 0, (<usize>(together * size)) << 4);

  const fourBytes = (<usize>size) << 4;
  const paddedRow = <usize>(points == 9 ? 2 : width + 2) * quadBytes;
  const pixelBytes = (<usize>outer) << 2;
  const rowBytes = <usize>width * pixelBytes;
  const imageBytes = <usize>height * rowBytes;
  for (; batch > 0; batch -= together << 2) {
    const fours = min(together, (batch + 3) >> 2);
    for (let four = 0; four < fours; four++) {
      interleave(x, images + <usize>four * fourBytes, batch - (four << 2), height, width, inner);
      x += (<usize>(height * width * inner)) << 4;
    }
    for (let first = 0; first < fours * tiles; first += most) {
      const quads = min(most, fours * tiles - first);
      const pointBytes = <usize>quads * quadBytes + gap;
      for (let quad = 0; quad < quads; quad++) {
        const four = (first + quad) / tiles;
        const tile = first + quad - four * tiles;
        const row = (tile / across) << 1;
        const column = (tile % across) << 1;
        const from = images + <usize>four * fourBytes + <usize>row * paddedRow + <usize>column * quadBytes;
        mapInputs(
          from,
          paddedRow,
          quadBytes,
          inner,
          inputs + <usize>quad * quadBytes,
          16,
          pointBytes,
          points,
        );
      }
      for (let unit = 0; unit < outer; unit += block) {
        const ofBlock = filters + <usize>(unit >> 3) * blockBytes;
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
        const from = (<usize>unit) << 2;
        const low = bias ? v128.load(bias + from) : f32x4.splat(0);
        const high = bias ? v128.load(bias + from, 16) : f32x4.splat(0);
        for (let quad = 0; quad < quads; quad++) {
          const four = (first + quad) / tiles;
          const tile = first + quad - four * tiles;
          const row = (tile / across) << 1;
          const column = (tile % across) << 1;
          const to =
            y + <usize>(four << 2) * imageBytes + <usize>row * rowBytes + <usize>column * pixelBytes + from;
          const product = products + <usize>quad * productBytes;
          const count = min(4, batch - (four << 2));
          mapOutputs(product, to, count, imageBytes, rowBytes, pixelBytes, low, high, points);
        }
      }
    }
    y += <usize>(fours << 2) * imageBytes;
  }
}

/** Tiles of a filter's gradient, for `winogradFilter`. */
export function winogradTiles(channels: i32, units: i32): i32 {
  return (channels >> 2) * (units >> 3);
}

/**
 * x [B,H,W,C], dy [B,H,W,U] -> gradient of the filter [9,C,U]
 * @param first, last only these of its tiles of 4 channels by 8 units, channels first
 */
export function winogradFilter(
  x: usize,
  dy: usize,
  gradient: usize,
  scratch: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  units: i32,
  first: i32,
  last: i32,
): void {
  const points = pointsOf(height, width);
  const across = width >> 1;
  const down = height >> 1;
  const most = rowsTogether(height, width, channels, units);
  const quarters = channels >> 2;
  const pixelOfX = (<usize>channels) << 2;
  const imageOfX = <usize>(height * width) * pixelOfX;
  const pixelOfDy = (<usize>units) << 2;
  const rowOfDy = <usize>width * pixelOfDy;
  const edge: usize = points == 9 ? 0 : pixelOfX;
  const paddedRow = <usize>width * pixelOfX + 2 * edge;
  const size = padded(height, width, channels);
  const inputs = scratch + ((<usize>size) << 2);
  const slopes = inputs + <usize>points * (<usize>(most * across) * pixelOfX + gap);
  const sums = slopes + <usize>points * (<usize>(most * across) * pixelOfDy + gap);
  const sumBytes = (<usize>points) << 7;
  const firstBlock = first / quarters;
  const lastBlock = (last - 1) / quarters + 1;
  if (edge) memory.fill(scratch, 0, (<usize>size) << 2);
  let copied = -1;
  for (let done = 0; done < batch * down; done += most) {
    const rows = min(most, batch * down - done);
    const places = <usize>(rows * across);
    const panelOfX = places << 4;
    const panelOfDy = places << 5;
    const pointOfX = <usize>quarters * panelOfX + gap;
    const pointOfDy = <usize>(units >> 3) * panelOfDy + gap;
    let place: usize = 0;
    for (let row = done; row < done + rows; row++) {
      const image = row / down;
      const tileRow = (row - image * down) << 1;
      if (copied != image) {
        copyInside(x + <usize>image * imageOfX, scratch, height, <usize>width * pixelOfX, paddedRow, edge);
        copied = image;
      }
      for (let column = 0; column < across; column++) {
        const from = scratch + <usize>tileRow * paddedRow + <usize>(column << 1) * pixelOfX;
        mapInputs(from, paddedRow, pixelOfX, quarters, inputs + (place << 4), panelOfX, pointOfX, points);
        const slope = dy + <usize>(image * height + tileRow) * rowOfDy + <usize>(column << 1) * pixelOfDy;
        for (let n = firstBlock; n < lastBlock; n++) {
          const at = slope + ((<usize>n) << 5);
          const to = slopes + <usize>n * panelOfDy + (place << 5);
          mapSlopes(at, rowOfDy, pixelOfDy, to, pointOfDy, points);
          mapSlopes(at + 16, rowOfDy, pixelOfDy, to + 16, pointOfDy, points);
        }
        place++;
      }
    }
    for (let point: usize = 0; point < <usize>points; point++)
      for (let n = firstBlock; n < lastBlock; n++) {
        const from = max(first, n * quarters);
        const until = min(last, (n + 1) * quarters);
        multiplyPanels(
          inputs + point * pointOfX + <usize>(from - n * quarters) * panelOfX,
          slopes + point * pointOfDy + <usize>n * panelOfDy,
          sums + <usize>from * sumBytes + (point << 7),
          until - from,
          <i32>places,
          sumBytes,
          done > 0,
        );
      }
  }
  for (let tile = first; tile < last; tile++) {
    const to = gradient + <usize>((tile % quarters) << 2) * pixelOfDy + ((<usize>(tile / quarters)) << 5);
    storeTaps(sums + <usize>tile * sumBytes, to, pixelOfDy, pixelOfX * <usize>units, points);
  }
}

/** An image into the middle of zeros. */
function copyInside(
  from: usize,
  to: usize,
  height: i32,
  rowBytes: usize,
  paddedRow: usize,
  edge: usize,
): void {
  if (edge) to += paddedRow + edge;
  for (let row = 0; row < height; row++) {
    memory.copy(to, from, rowBytes);
    from += rowBytes;
    to += paddedRow;
  }
}

function mapSlopes(
  from: usize,
  rowBytes: usize,
  pixelBytes: usize,
  to: usize,
  pointBytes: usize,
  points: i32,
): void {
  if (points == 9) mapSmallSlope(from, rowBytes, pixelBytes, to, pointBytes);
  else mapSlope(from, rowBytes, pixelBytes, to, pointBytes);
}

/** The taps of 4 channels by 8 units. @param from [points,4,8] */
function storeTaps(from: usize, to: usize, channelBytes: usize, tapBytes: usize, points: i32): void {
  for (let channel = 0; channel < 4; channel++) {
    for (let half: usize = 0; half < 32; half += 16)
      if (points == 9) mapSmallTaps(from + half, to + half, tapBytes);
      else mapTaps(from + half, to + half, tapBytes);
    from += 32;
    to += channelBytes;
  }
}
