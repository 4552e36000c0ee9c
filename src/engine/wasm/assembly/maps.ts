/**
 * The small linear maps of Winograd's convolutions of 3x3, along both axes, of vectors in memory. Along an axis two outputs
 * share 4 products ("points") instead of 6 (Lavin, Gray 2015, F(2,3)); an image of side 2 with zeros around it needs 3 of 4
 * (its matrix of taps is Toeplitz). Only sums and halves, so that errors stay those of a plain sum. "Bytes" are the distances
 * of vectors in memory; points are counted in rows.
 */

/** Four points of a row from what its four columns have become. */
// @ts-ignore: decorator
@inline
export function rowOfInput(a: v128, b: v128, c: v128, d: v128, to: usize, pointBytes: usize): void {
  v128.store(to, f32x4.sub(a, c));
  v128.store(to + pointBytes, f32x4.add(b, c));
  v128.store(to + 2 * pointBytes, f32x4.sub(c, b));
  v128.store(to + 3 * pointBytes, f32x4.sub(b, d));
}

/** A tile of 4x4 pixels -> 16 points */
// @ts-ignore: decorator
@inline
export function mapInput(from: usize, rowBytes: usize, pixelBytes: usize, to: usize, pointBytes: usize): void {
  const r1 = from + rowBytes;
  const r2 = r1 + rowBytes;
  const r3 = r2 + rowBytes;
  const two = 2 * pixelBytes;
  const three = 3 * pixelBytes;
  rowOfInput(
    f32x4.sub(v128.load(from), v128.load(r2)),
    f32x4.sub(v128.load(from + pixelBytes), v128.load(r2 + pixelBytes)),
    f32x4.sub(v128.load(from + two), v128.load(r2 + two)),
    f32x4.sub(v128.load(from + three), v128.load(r2 + three)),
    to,
    pointBytes,
  );
  rowOfInput(
    f32x4.add(v128.load(r1), v128.load(r2)),
    f32x4.add(v128.load(r1 + pixelBytes), v128.load(r2 + pixelBytes)),
    f32x4.add(v128.load(r1 + two), v128.load(r2 + two)),
    f32x4.add(v128.load(r1 + three), v128.load(r2 + three)),
    to + 4 * pointBytes,
    pointBytes,
  );
  rowOfInput(
    f32x4.sub(v128.load(r2), v128.load(r1)),
    f32x4.sub(v128.load(r2 + pixelBytes), v128.load(r1 + pixelBytes)),
    f32x4.sub(v128.load(r2 + two), v128.load(r1 + two)),
    f32x4.sub(v128.load(r2 + three), v128.load(r1 + three)),
    to + 8 * pointBytes,
    pointBytes,
  );
  rowOfInput(
    f32x4.sub(v128.load(r1), v128.load(r3)),
    f32x4.sub(v128.load(r1 + pixelBytes), v128.load(r3 + pixelBytes)),
    f32x4.sub(v128.load(r1 + two), v128.load(r3 + two)),
    f32x4.sub(v128.load(r1 + three), v128.load(r3 + three)),
    to + 12 * pointBytes,
    pointBytes,
  );
}

/** An image of 2x2 pixels -> 9 points */
// @ts-ignore: decorator
@inline
export function mapSmallInput(
  from: usize,
  rowBytes: usize,
  pixelBytes: usize,
  to: usize,
  pointBytes: usize,
): void {
  const a = v128.load(from);
  const b = v128.load(from + pixelBytes);
  const c = v128.load(from + rowBytes);
  const d = v128.load(from + rowBytes + pixelBytes);
  const left = f32x4.add(a, c);
  const right = f32x4.add(b, d);
  v128.store(to, f32x4.add(left, right));
  v128.store(to + pointBytes, right);
  v128.store(to + 2 * pointBytes, left);
  v128.store(to + 3 * pointBytes, f32x4.add(c, d));
  v128.store(to + 4 * pointBytes, d);
  v128.store(to + 5 * pointBytes, c);
  v128.store(to + 6 * pointBytes, f32x4.add(a, b));
  v128.store(to + 7 * pointBytes, b);
  v128.store(to + 8 * pointBytes, a);
}

// @ts-ignore: decorator
@inline
export function rowOfSlope(a: v128, b: v128, to: usize, pointBytes: usize): void {
  v128.store(to, a);
  v128.store(to + pointBytes, f32x4.add(a, b));
  v128.store(to + 2 * pointBytes, f32x4.sub(a, b));
  v128.store(to + 3 * pointBytes, f32x4.neg(b));
}

/** The slopes of 2x2 outputs -> those of 16 points */
// @ts-ignore: decorator
@inline
export function mapSlope(from: usize, rowBytes: usize, pixelBytes: usize, to: usize, pointBytes: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + pixelBytes);
  const c = v128.load(from + rowBytes);
  const d = v128.load(from + rowBytes + pixelBytes);
  rowOfSlope(a, b, to, pointBytes);
  rowOfSlope(f32x4.add(a, c), f32x4.add(b, d), to + 4 * pointBytes, pointBytes);
  rowOfSlope(f32x4.sub(a, c), f32x4.sub(b, d), to + 8 * pointBytes, pointBytes);
  rowOfSlope(f32x4.neg(c), f32x4.neg(d), to + 12 * pointBytes, pointBytes);
}

/** The slopes of an image of 2x2 -> those of 9 points */
// @ts-ignore: decorator
@inline
export function mapSmallSlope(
  from: usize,
  rowBytes: usize,
  pixelBytes: usize,
  to: usize,
  pointBytes: usize,
): void {
  const a = v128.load(from);
  const b = v128.load(from + pixelBytes);
  const c = v128.load(from + rowBytes);
  const d = v128.load(from + rowBytes + pixelBytes);
  const left = f32x4.add(a, c);
  const right = f32x4.add(b, d);
  v128.store(to, f32x4.add(left, right));
  v128.store(to + pointBytes, left);
  v128.store(to + 2 * pointBytes, right);
  v128.store(to + 3 * pointBytes, f32x4.add(a, b));
  v128.store(to + 4 * pointBytes, a);
  v128.store(to + 5 * pointBytes, b);
  v128.store(to + 6 * pointBytes, f32x4.add(c, d));
  v128.store(to + 7 * pointBytes, c);
  v128.store(to + 8 * pointBytes, d);
}

// @ts-ignore: decorator
@inline
export function rowOfFilter(a: v128, b: v128, c: v128, to: usize, pointBytes: usize): void {
  const half = f32x4.splat(0.5);
  const outer = f32x4.mul(f32x4.add(a, c), half);
  const middle = f32x4.mul(b, half);
  v128.store(to, a);
  v128.store(to + pointBytes, f32x4.add(outer, middle));
  v128.store(to + 2 * pointBytes, f32x4.sub(outer, middle));
  v128.store(to + 3 * pointBytes, c);
}

/** 9 taps -> 16 points, at the same distances */
// @ts-ignore: decorator
@inline
export function mapFilter(from: usize, to: usize, bytes: usize): void {
  const half = f32x4.splat(0.5);
  const a = v128.load(from);
  const b = v128.load(from + bytes);
  const c = v128.load(from + 2 * bytes);
  const g = v128.load(from + 6 * bytes);
  const h = v128.load(from + 7 * bytes);
  const i = v128.load(from + 8 * bytes);
  rowOfFilter(a, b, c, to, bytes);
  rowOfFilter(g, h, i, to + 12 * bytes, bytes);
  const left = f32x4.mul(f32x4.add(a, g), half);
  const middle = f32x4.mul(f32x4.add(b, h), half);
  const right = f32x4.mul(f32x4.add(c, i), half);
  const d = f32x4.mul(v128.load(from + 3 * bytes), half);
  const e = f32x4.mul(v128.load(from + 4 * bytes), half);
  const f = f32x4.mul(v128.load(from + 5 * bytes), half);
  rowOfFilter(f32x4.add(left, d), f32x4.add(middle, e), f32x4.add(right, f), to + 4 * bytes, bytes);
  rowOfFilter(f32x4.sub(left, d), f32x4.sub(middle, e), f32x4.sub(right, f), to + 8 * bytes, bytes);
}

// @ts-ignore: decorator
@inline
export function rowOfSmallFilter(a: v128, b: v128, c: v128, to: usize, pointBytes: usize): void {
  v128.store(to, b);
  v128.store(to + pointBytes, f32x4.sub(c, b));
  v128.store(to + 2 * pointBytes, f32x4.sub(a, b));
}

/** 9 taps -> 9 points of an image of 2x2, at the same distances */
// @ts-ignore: decorator
@inline
export function mapSmallFilter(from: usize, to: usize, bytes: usize): void {
  const d = v128.load(from + 3 * bytes);
  const e = v128.load(from + 4 * bytes);
  const f = v128.load(from + 5 * bytes);
  rowOfSmallFilter(d, e, f, to, bytes);
  rowOfSmallFilter(
    f32x4.sub(v128.load(from + 6 * bytes), d),
    f32x4.sub(v128.load(from + 7 * bytes), e),
    f32x4.sub(v128.load(from + 8 * bytes), f),
    to + 3 * bytes,
    bytes,
  );
  rowOfSmallFilter(
    f32x4.sub(v128.load(from), d),
    f32x4.sub(v128.load(from + bytes), e),
    f32x4.sub(v128.load(from + 2 * bytes), f),
    to + 6 * bytes,
    bytes,
  );
}

/** What two rows of outputs get of one column of four points, at distances of 512 bytes. */
// @ts-ignore: decorator
@inline
export function upper(from: usize): v128 {
  return f32x4.add(f32x4.add(v128.load(from), v128.load(from, 512)), v128.load(from, 1024));
}

// @ts-ignore: decorator
@inline
export function lower(from: usize): v128 {
  return f32x4.sub(f32x4.sub(v128.load(from, 512), v128.load(from, 1024)), v128.load(from, 1536));
}

/** 16 points, at distances of 128 bytes -> 2x2 outputs, each with `start` added */
// @ts-ignore: decorator
@inline
export function mapOutput(from: usize, start: v128, to: usize, rowBytes: usize, pixelBytes: usize): void {
  let a = upper(from);
  let b = upper(from + 128);
  let c = upper(from + 256);
  let d = upper(from + 384);
  v128.store(to, f32x4.add(f32x4.add(f32x4.add(a, b), c), start));
  v128.store(to + pixelBytes, f32x4.add(f32x4.sub(f32x4.sub(b, c), d), start));
  a = lower(from);
  b = lower(from + 128);
  c = lower(from + 256);
  d = lower(from + 384);
  v128.store(to + rowBytes, f32x4.add(f32x4.add(f32x4.add(a, b), c), start));
  v128.store(to + rowBytes + pixelBytes, f32x4.add(f32x4.sub(f32x4.sub(b, c), d), start));
}

/** 9 points of an image of 2x2, at distances of 128 bytes -> its outputs, each with `start` added */
// @ts-ignore: decorator
@inline
export function mapSmallOutput(
  from: usize,
  start: v128,
  to: usize,
  rowBytes: usize,
  pixelBytes: usize,
): void {
  const a = v128.load(from);
  const b = v128.load(from, 128);
  const c = v128.load(from, 256);
  const top = f32x4.add(a, v128.load(from, 384));
  const topLeft = f32x4.add(b, v128.load(from, 512));
  const topRight = f32x4.add(c, v128.load(from, 640));
  const low = f32x4.add(a, v128.load(from, 768));
  const lowLeft = f32x4.add(b, v128.load(from, 896));
  const lowRight = f32x4.add(c, v128.load(from, 1024));
  v128.store(to, f32x4.add(f32x4.add(top, topLeft), start));
  v128.store(to + pixelBytes, f32x4.add(f32x4.add(top, topRight), start));
  v128.store(to + rowBytes, f32x4.add(f32x4.add(low, lowLeft), start));
  v128.store(to + rowBytes + pixelBytes, f32x4.add(f32x4.add(low, lowRight), start));
}

// @ts-ignore: decorator
@inline
export function rowOfTaps(a: v128, b: v128, c: v128, d: v128, to: usize, bytes: usize): void {
  const half = f32x4.splat(0.5);
  const even = f32x4.mul(f32x4.add(b, c), half);
  v128.store(to, f32x4.add(a, even));
  v128.store(to + bytes, f32x4.mul(f32x4.sub(b, c), half));
  v128.store(to + 2 * bytes, f32x4.add(even, d));
}

/** What the middle rows of a column of points have in common. */
// @ts-ignore: decorator
@inline
export function evenOf(from: usize): v128 {
  return f32x4.mul(f32x4.add(v128.load(from, 512), v128.load(from, 1024)), f32x4.splat(0.5));
}

// @ts-ignore: decorator
@inline
export function oddOf(from: usize): v128 {
  return f32x4.mul(f32x4.sub(v128.load(from, 512), v128.load(from, 1024)), f32x4.splat(0.5));
}

/** The slopes of 16 points, at distances of 128 bytes -> those of 9 taps */
// @ts-ignore: decorator
@inline
export function mapTaps(from: usize, to: usize, tapBytes: usize): void {
  const a = evenOf(from);
  const b = evenOf(from + 128);
  const c = evenOf(from + 256);
  const d = evenOf(from + 384);
  rowOfTaps(
    f32x4.add(v128.load(from), a),
    f32x4.add(v128.load(from, 128), b),
    f32x4.add(v128.load(from, 256), c),
    f32x4.add(v128.load(from, 384), d),
    to,
    tapBytes,
  );
  rowOfTaps(oddOf(from), oddOf(from + 128), oddOf(from + 256), oddOf(from + 384), to + 3 * tapBytes, tapBytes);
  rowOfTaps(
    f32x4.add(a, v128.load(from, 1536)),
    f32x4.add(b, v128.load(from, 1664)),
    f32x4.add(c, v128.load(from, 1792)),
    f32x4.add(d, v128.load(from, 1920)),
    to + 6 * tapBytes,
    tapBytes,
  );
}

// @ts-ignore: decorator
@inline
export function rowOfSmallTaps(a: v128, b: v128, c: v128, to: usize, bytes: usize): void {
  v128.store(to, c);
  v128.store(to + bytes, f32x4.sub(f32x4.sub(a, b), c));
  v128.store(to + 2 * bytes, b);
}

/** The slopes of 9 points of an image of 2x2, at distances of 128 bytes -> those of 9 taps */
// @ts-ignore: decorator
@inline
export function mapSmallTaps(from: usize, to: usize, tapBytes: usize): void {
  const d = v128.load(from, 384);
  const e = v128.load(from, 512);
  const f = v128.load(from, 640);
  const g = v128.load(from, 768);
  const h = v128.load(from, 896);
  const i = v128.load(from, 1024);
  rowOfSmallTaps(g, h, i, to, tapBytes);
  rowOfSmallTaps(
    f32x4.sub(f32x4.sub(v128.load(from), d), g),
    f32x4.sub(f32x4.sub(v128.load(from, 128), e), h),
    f32x4.sub(f32x4.sub(v128.load(from, 256), f), i),
    to + 3 * tapBytes,
    tapBytes,
  );
  rowOfSmallTaps(d, e, f, to + 6 * tapBytes, tapBytes);
}

/** Four vectors of four, turned by a diagonal. */
// @ts-ignore: decorator
@inline
export function storeTurned(a: v128, b: v128, c: v128, d: v128, to: usize, step: usize): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(to + step, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(to + 2 * step, v128.shuffle<i64>(abHigh, cdHigh, 0, 2));
  v128.store(to + 3 * step, v128.shuffle<i64>(abHigh, cdHigh, 1, 3));
}
