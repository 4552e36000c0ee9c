/**
 * Convolutions of four images at a time. At one place of four images the same taps lie inside the image, so that no zeros
 * around it are multiplied: at 2x2 pixels a kernel of 3x3 has 16 products of 36 left, at 8x8 484 of 576. The four images'
 * numbers lie together, which spares a step three pointers of four. Each sum has the order of `multiplyTiles`, but for zeros.
 */
import { storeTurned } from './maps';
import { add8, block, loadStart, store8 } from './tiles';

/** Numbers of 4 images that are taken together, in bytes: half of a small second cache. */
const bytesTogether: i32 = 131072;
/** Four images larger than this would not stay in it. */
const mostBytes: i32 = 262144;
/** Below so many products of each number putting images together costs more than it spares, and at one tap always. */
const leastUses: i32 = 32;

/**
 * How many fours of images are taken together; 0 where these convolutions are not for this shape.
 * @param size numbers of an image; each is multiplied in so many taps for so many units
 */
export function foursTogether(batch: i32, size: i32, taps: i32, units: i32): i32 {
  if (batch < 4 || taps == 1 || taps * units < leastUses || size > mostBytes / 16) return 0;
  return min(batch >> 2, max(1, bytesTogether / (size << 4)));
}

/** Images [4 * fours, size] -> [fours, size, 4] */
export function interleave(from: usize, to: usize, fours: i32, size: i32): void {
  const pitch = (<usize>size) << 2;
  for (let four = 0; four < fours; four++) {
    let left = size;
    for (; left >= 4; left -= 4) {
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
    for (; left > 0; left--) {
      store<f32>(to, load<f32>(from));
      store<f32>(to, load<f32>(from + pitch), 4);
      store<f32>(to, load<f32>(from + 2 * pitch), 8);
      store<f32>(to, load<f32>(from + 3 * pitch), 12);
      from += 4;
      to += 16;
    }
    from += 3 * pitch;
  }
}

/**
 * dst[image][place][c] = bias[c] + sum over the taps of a place that lie inside the image.
 * @param src [fours,height,width,channels,4]
 * @param rows, columns places; the first tap of the first lies at (firstRow, firstColumn) of src, that of the next
 *   strideY or strideX further
 * @param weights packed as [units / 8, tall, wide, channels, 8], zeros beyond the last unit
 * @param imageBytes, rowBytes, columnBytes between images, rows and columns of places in dst
 * @param bias [units], or 0
 */
export function multiplyPlaces(
  src: usize,
  dst: usize,
  fours: i32,
  height: i32,
  width: i32,
  channels: i32,
  tall: i32,
  wide: i32,
  weights: usize,
  rows: i32,
  columns: i32,
  firstRow: i32,
  firstColumn: i32,
  strideY: i32,
  strideX: i32,
  imageBytes: i32,
  rowBytes: i32,
  columnBytes: i32,
  units: i32,
  bias: usize,
): void {
  const srcRow = (<usize>(width * channels)) << 4;
  const srcFour = <usize>height * srcRow;
  for (let unit = 0; unit < units; unit += block) {
    const left = units - unit;
    let startLow = f32x4.splat(0);
    let startHigh = f32x4.splat(0);
    if (bias) {
      const from = bias + ((<usize>unit) << 2);
      startLow = loadStart(from, left);
      startHigh = loadStart(from + 16, left - 4);
    }
    for (let row = 0; row < rows; row++) {
      const y = firstRow + row * strideY;
      const firstTap = max(0, -y);
      const lastTap = min(tall, height - y);
      for (let column = 0; column < columns; column++) {
        const x = firstColumn + column * strideX;
        const from = max(0, -x);
        const across = max(0, min(wide, width - x) - from);
        const runBytes = (<usize>(across * channels)) << 4;
        const skip = (<usize>((wide - across) * channels)) << 5;
        const start = weights + ((<usize>((firstTap * wide + from) * channels)) << 5);
        let p = src + <usize>(y + firstTap) * srcRow + ((<usize>((x + from) * channels)) << 4);
        let to = dst + <usize>(row * rowBytes + column * columnBytes) + ((<usize>unit) << 2);
        for (let four = 0; four < fours; four++) {
          let a0 = startLow;
          let b0 = startHigh;
          let a1 = startLow;
          let b1 = startHigh;
          let a2 = startLow;
          let b2 = startHigh;
          let a3 = startLow;
          let b3 = startHigh;
          let w = start;
          let line = p;
          for (let tap = firstTap; tap < lastTap; tap++) {
            const end = line + runBytes;
            for (let q = line; q < end; q += 16) {
              const low = v128.load(w);
              const high = v128.load(w, 16);
              let v = v128.load32_splat(q);
              a0 = f32x4.add(a0, f32x4.mul(v, low));
              b0 = f32x4.add(b0, f32x4.mul(v, high));
              v = v128.load32_splat(q, 4);
              a1 = f32x4.add(a1, f32x4.mul(v, low));
              b1 = f32x4.add(b1, f32x4.mul(v, high));
              v = v128.load32_splat(q, 8);
              a2 = f32x4.add(a2, f32x4.mul(v, low));
              b2 = f32x4.add(b2, f32x4.mul(v, high));
              v = v128.load32_splat(q, 12);
              a3 = f32x4.add(a3, f32x4.mul(v, low));
              b3 = f32x4.add(b3, f32x4.mul(v, high));
              w += 32;
            }
            line += srcRow;
            w += skip;
          }
          store8(to, a0, b0, left);
          store8(to + <usize>imageBytes, a1, b1, left);
          store8(to + <usize>(2 * imageBytes), a2, b2, left);
          store8(to + <usize>(3 * imageBytes), a3, b3, left);
          to += <usize>(4 * imageBytes);
          p += srcFour;
        }
      }
    }
    weights += (<usize>(tall * wide * channels)) << 5;
  }
}

/** Images [images,pixels,channels] -> [channels / width, pixels, images, width], zeros beyond the last channel. */
export function packImages(
  from: usize,
  to: usize,
  images: i32,
  pixels: i32,
  channels: i32,
  width: i32,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const imageBytes = <usize>pixels * pixelBytes;
  for (let channel = 0; channel < channels; channel += width) {
    const count = min(width, channels - channel);
    for (let pixel = 0; pixel < pixels; pixel++) {
      let at = from + <usize>pixel * pixelBytes + ((<usize>channel) << 2);
      for (let image = 0; image < images; image++) {
        if (count == width) {
          v128.store(to, v128.load(at));
          if (width == block) v128.store(to, v128.load(at, 16), 16);
        } else
          for (let c = 0; c < width; c++)
            store<f32>(to + ((<usize>c) << 2), c < count ? load<f32>(at + ((<usize>c) << 2)) : 0);
        to += (<usize>width) << 2;
        at += imageBytes;
      }
    }
  }
}

/** How many images are taken together for `multiplyTaps`: a block of theirs stays in the nearest cache, all in the next. */
export function imagesTogether(batch: i32, pixels: i32, numbers: i32): i32 {
  return max(1, min(batch, min(512 / pixels, bytesTogether / (numbers << 1))));
}

/**
 * gradient[tap][c][u] += sum of x * dy over the places where a tap of one row lies inside the image.
 * @param x [channels / 4, height, width, images, 4] @param dy [units / 8, outHeight, outWidth, images, 8]
 * @param first, last only these tiles, as `tilesOf` counts them for one row of taps
 */
export function multiplyTaps(
  x: usize,
  dy: usize,
  gradient: usize,
  images: i32,
  height: i32,
  width: i32,
  channels: i32,
  tap: i32,
  wide: i32,
  units: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  outHeight: i32,
  outWidth: i32,
  first: i32,
  last: i32,
): void {
  const tall = (wide * channels) >> 2;
  const firstRow = firstInside(top - tap, strideY);
  const rows = max(0, min(outHeight, lastInside(height + top - tap, strideY)) - firstRow);
  const pixelBytes = (<usize>images) << 4;
  const rowBytes = <usize>(strideY * width) * pixelBytes;
  const dyPixelBytes = (<usize>images) << 5;
  const dyRowBytes = <usize>outWidth * dyPixelBytes;
  for (let tile = first; tile < last; tile++) {
    const unit = (tile / tall) * block;
    const r = (tile % tall) << 2;
    const across = r / channels;
    const channel = r - across * channels;
    const firstColumn = firstInside(left - across, strideX);
    const columns = max(0, min(outWidth, lastInside(width + left - across, strideX)) - firstColumn);
    const pixel = (firstRow * strideY - top + tap) * width + firstColumn * strideX - left + across;
    let rowOfX = x + <usize>((channel >> 2) * height * width + pixel) * pixelBytes;
    let rowOfDy =
      dy + <usize>((unit >> 3) * outHeight + firstRow) * dyRowBytes + <usize>firstColumn * dyPixelBytes;
    // Neighbouring places lie one after the other.
    const runs = strideX == 1 ? 1 : columns;
    const runBytes = strideX == 1 ? <usize>columns * pixelBytes : pixelBytes;
    let a0 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let b2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let b3 = f32x4.splat(0);
    for (let row = 0; row < rows; row++) {
      let start = rowOfX;
      let q = rowOfDy;
      for (let n = 0; n < runs; n++) {
        const end = start + runBytes;
        for (let p = start; p < end; p += 16) {
          const low = v128.load(q);
          const high = v128.load(q, 16);
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
          q += 32;
        }
        start += <usize>strideX * pixelBytes;
      }
      rowOfX += rowBytes;
      rowOfDy += dyRowBytes;
    }
    const count = units - unit;
    const pitch = (<usize>units) << 2;
    let to = gradient + <usize>r * pitch + ((<usize>unit) << 2);
    add8(to, a0, b0, count);
    add8((to += pitch), a1, b1, count);
    add8((to += pitch), a2, b2, count);
    add8(to + pitch, a3, b3, count);
  }
}

/** The first place whose tap, `before` pixels in front of the image at place 0, lies inside. */
function firstInside(before: i32, stride: i32): i32 {
  return before > 0 ? (before + stride - 1) / stride : 0;
}

/** The first place whose tap lies behind the image, which ends so many pixels after the tap of place 0. */
function lastInside(until: i32, stride: i32): i32 {
  return until > 0 ? (until + stride - 1) / stride : 0;
}
