/** What both directions of Winograd's convolutions have in common: for which shapes they are, and their products. */
import { mapInput, mapSmallInput } from './maps';

/** With fewer channels the maps take longer than the products that they spare. */
const leastChannels: i32 = 8;
/** Numbers of an image, of which four are put together in memory that each thread has. */
const mostNumbers: i32 = 262144;
/** What is multiplied together, in bytes: a part of the second cache. */
export const bytesTogether: i32 = 196608;

/**
 * Between what is read or written at once, so that it does not fall into the same few places of the nearest cache: its
 * distances would be powers of two.
 */
export const gap: usize = 64;

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

export function isSmall(height: i32, width: i32): bool {
  return height == 2 && width == 2;
}

export function pointsOf(height: i32, width: i32): i32 {
  return isSmall(height, width) ? 9 : 16;
}

/** Numbers of an image with the zeros around it; an image of 2x2 needs none. */
export function padded(height: i32, width: i32, channels: i32): i32 {
  return isSmall(height, width) ? 4 * channels : (height + 2) * (width + 2) * channels;
}

/** Points of one tile, of so many vectors of each pixel. */
export function mapInputs(
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
 * to[panel] = sum over `count` of p[panel][n] * q[n], of four numbers with eight; added to what is there if `isMore`.
 * @param toBytes from one panel's result to the next
 */
export function multiplyPanels(
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

/** An image into the middle of zeros. */
export function copyPadded(
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
