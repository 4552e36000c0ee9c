/**
 * The two loops in which a convolution's time is spent, over tiles of 4 pixels (or 4 taps) by 8 channels: 8 sums stay
 * in registers, and each step costs 6 loads for 32 multiply-adds. Sizes ending in "Bytes" and pointers count bytes,
 * all others count numbers. No fused multiply-add: on the machines that have it, it gains nothing here (measured
 * within 1 %), and results would differ between machines.
 */

/** Channels per block of packed weights. */
export const block: i32 = 8;

/** Stores the first `count` (at most 8) of two vectors. */
// @ts-ignore: decorator
@inline
export function store8(to: usize, low: v128, high: v128, count: i32): void {
  if (count >= 8) {
    v128.store(to, low);
    v128.store(to, high, 16);
    return;
  }
  let rest = low;
  if (count >= 4) {
    v128.store(to, low);
    to += 16;
    rest = high;
    count -= 4;
  }
  if (count > 0) v128.store_lane<f32>(to, rest, 0);
  if (count > 1) v128.store_lane<f32>(to, rest, 1, 4);
  if (count > 2) v128.store_lane<f32>(to, rest, 2, 8);
}

/** Up to four numbers that sums begin with. Zero is added, so that a negative zero does not tell ways of summing apart. */
export function loadStart(from: usize, count: i32): v128 {
  const zero = f32x4.splat(0);
  if (count >= 4) return f32x4.add(v128.load(from), zero);
  let start = zero;
  if (count > 0) start = f32x4.replace_lane(start, 0, load<f32>(from));
  if (count > 1) start = f32x4.replace_lane(start, 1, load<f32>(from, 4));
  if (count > 2) start = f32x4.replace_lane(start, 2, load<f32>(from, 8));
  return f32x4.add(start, zero);
}

/**
 * dst[pixel][c] = bias[c] + sum over `taps` rows of `run` neighbouring numbers of src[pixel] * weights. The inner loop
 * is not unrolled by hand: the optimiser then moves all loads to its head, and spilled registers halve the speed.
 * @param table for each pixel the offsets in bytes of its first number in src and of its first channel in dst; a
 *   multiple of 4 pixels, the last ones repeated
 * @param weights packed as [channels / 8, taps, run, 8], zeros beyond the last channel
 * @param tapBytes between the rows of taps in src
 * @param bias [channels], or 0
 */
export function multiplyTiles(
  src: usize,
  dst: usize,
  table: usize,
  pixels: i32,
  weights: usize,
  taps: i32,
  run: i32,
  tapBytes: i32,
  channels: i32,
  bias: usize,
): void {
  const end = table + (<usize>pixels << 3);
  for (let channel = 0; channel < channels; channel += block) {
    const left = channels - channel;
    let startLow = f32x4.splat(0);
    let startHigh = f32x4.splat(0);
    if (bias) {
      const from = bias + (<usize>channel << 2);
      startLow = loadStart(from, left);
      startHigh = loadStart(from + 16, left - 4);
    }
    const to = dst + (<usize>channel << 2);
    for (let at = table; at < end; at += 32) {
      let p0 = src + load<u32>(at);
      let p1 = src + load<u32>(at, 8);
      let p2 = src + load<u32>(at, 16);
      let p3 = src + load<u32>(at, 24);
      let a0 = startLow;
      let b0 = startHigh;
      let a1 = startLow;
      let b1 = startHigh;
      let a2 = startLow;
      let b2 = startHigh;
      let a3 = startLow;
      let b3 = startHigh;
      let w = weights;
      for (let tap = 0; tap < taps; tap++) {
        let q0 = p0;
        let q1 = p1;
        let q2 = p2;
        let q3 = p3;
        for (let r = 0; r < run; r++) {
          const low = v128.load(w);
          const high = v128.load(w, 16);
          let x = v128.load32_splat(q0);
          a0 = f32x4.add(a0, f32x4.mul(x, low));
          b0 = f32x4.add(b0, f32x4.mul(x, high));
          x = v128.load32_splat(q1);
          a1 = f32x4.add(a1, f32x4.mul(x, low));
          b1 = f32x4.add(b1, f32x4.mul(x, high));
          x = v128.load32_splat(q2);
          a2 = f32x4.add(a2, f32x4.mul(x, low));
          b2 = f32x4.add(b2, f32x4.mul(x, high));
          x = v128.load32_splat(q3);
          a3 = f32x4.add(a3, f32x4.mul(x, low));
          b3 = f32x4.add(b3, f32x4.mul(x, high));
          w += 32;
          q0 += 4;
          q1 += 4;
          q2 += 4;
          q3 += 4;
        }
        p0 += tapBytes;
        p1 += tapBytes;
        p2 += tapBytes;
        p3 += tapBytes;
      }
      store8(to + load<u32>(at, 4), a0, b0, left);
      store8(to + load<u32>(at, 12), a1, b1, left);
      store8(to + load<u32>(at, 20), a2, b2, left);
      store8(to + load<u32>(at, 28), a3, b3, left);
    }
    weights += <usize>(taps * run) << 5;
  }
}

/** Adds the first `count` (at most 8) of two vectors to what is there. */
// @ts-ignore: decorator
@inline
export function add8(to: usize, low: v128, high: v128, count: i32): void {
  if (count >= 8) {
    v128.store(to, f32x4.add(v128.load(to), low));
    v128.store(to, f32x4.add(v128.load(to, 16), high), 16);
    return;
  }
  for (let c = 0; c < count; c++) {
    const at = to + (<usize>c << 2);
    const value =
      c == 0
        ? f32x4.extract_lane(low, 0)
        : c == 1
          ? f32x4.extract_lane(low, 1)
          : c == 2
            ? f32x4.extract_lane(low, 2)
            : c == 3
              ? f32x4.extract_lane(low, 3)
              : c == 4
                ? f32x4.extract_lane(high, 0)
                : c == 5
                  ? f32x4.extract_lane(high, 1)
                  : f32x4.extract_lane(high, 2);
    store<f32>(at, load<f32>(at) + value);
  }
}

/** Tiles of 4 neighbouring numbers of a run by 8 channels, in the order in which `multiplyRows` counts them. */
export function tilesOf(run: i32, channels: i32): i32 {
  return ((run + 3) >> 2) * ((channels + block - 1) / block);
}

/** Clears the tiles from `first` up to `last` of a gradient [run, channels]. */
export function clearTiles(gradient: usize, run: i32, channels: i32, first: i32, last: i32): void {
  const tall = (run + 3) >> 2;
  const pitch = <usize>channels << 2;
  for (let tile = first; tile < last; tile++) {
    const channel = (tile / tall) * block;
    const r = (tile % tall) << 2;
    const bytes = min(block, channels - channel) << 2;
    let to = gradient + <usize>r * pitch + (<usize>channel << 2);
    for (let row = r; row < min(r + 4, run); row++) {
      memory.fill(to, 0, bytes);
      to += pitch;
    }
  }
}

/**
 * gradient[tap][r][c] += sum over pixels of src[pixel + r] * dy[pixel][c], for `run` neighbouring r and all channels:
 * one row of taps of a filter's gradient. Reads up to 3 numbers beyond a run and 7 beyond a pixel's channels.
 * @param first, last only these tiles, as `tilesOf` counts them
 * @param srcImage, srcRow, srcColumn bytes between images, rows and columns of pixels in src; likewise for dy
 */
export function multiplyRows(
  src: usize,
  dy: usize,
  gradient: usize,
  run: i32,
  channels: i32,
  images: i32,
  rows: i32,
  columns: i32,
  srcImage: i32,
  srcRow: i32,
  srcColumn: i32,
  dyImage: i32,
  dyRow: i32,
  dyColumn: i32,
  first: i32,
  last: i32,
): void {
  const tall = (run + 3) >> 2;
  for (let tile = first; tile < last; tile++) {
      const channel = (tile / tall) * block;
      const r = (tile % tall) << 2;
      let a0 = f32x4.splat(0);
      let b0 = f32x4.splat(0);
      let a1 = f32x4.splat(0);
      let b1 = f32x4.splat(0);
      let a2 = f32x4.splat(0);
      let b2 = f32x4.splat(0);
      let a3 = f32x4.splat(0);
      let b3 = f32x4.splat(0);
      let imageOfSrc = src + (<usize>r << 2);
      let imageOfDy = dy + (<usize>channel << 2);
      for (let image = 0; image < images; image++) {
        let rowOfSrc = imageOfSrc;
        let rowOfDy = imageOfDy;
        for (let row = 0; row < rows; row++) {
          let p = rowOfSrc;
          let q = rowOfDy;
          for (let column = 0; column < columns; column++) {
            const low = v128.load(q);
            const high = v128.load(q, 16);
            let x = v128.load32_splat(p);
            a0 = f32x4.add(a0, f32x4.mul(x, low));
            b0 = f32x4.add(b0, f32x4.mul(x, high));
            x = v128.load32_splat(p, 4);
            a1 = f32x4.add(a1, f32x4.mul(x, low));
            b1 = f32x4.add(b1, f32x4.mul(x, high));
            x = v128.load32_splat(p, 8);
            a2 = f32x4.add(a2, f32x4.mul(x, low));
            b2 = f32x4.add(b2, f32x4.mul(x, high));
            x = v128.load32_splat(p, 12);
            a3 = f32x4.add(a3, f32x4.mul(x, low));
            b3 = f32x4.add(b3, f32x4.mul(x, high));
            p += srcColumn;
            q += dyColumn;
          }
          rowOfSrc += srcRow;
          rowOfDy += dyRow;
        }
        imageOfSrc += srcImage;
        imageOfDy += dyImage;
      }
      const left = channels - channel;
      const pitch = <usize>channels << 2;
      let to = gradient + <usize>r * pitch + (<usize>channel << 2);
      add8(to, a0, b0, left);
      if (r + 1 < run) add8((to += pitch), a1, b1, left);
      if (r + 2 < run) add8((to += pitch), a2, b2, left);
      if (r + 3 < run) add8((to += pitch), a3, b3, left);
    }
}
