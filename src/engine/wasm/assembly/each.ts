/** What the loops of other files have inlined. */
import { exp4, log4 } from './maths';

/** The numbers of `apply`'s functions, as `wasm/functions.ts` names them. */
export const exponential: i32 = 0;
export const logarithm: i32 = 1;
export const logarithmOfMore: i32 = 2;
export const squareRoot: i32 = 3;
export const negative: i32 = 4;
export const absolute: i32 = 5;
export const logistic: i32 = 6;
export const step: i32 = 7;

// @ts-ignore: decorator
@inline
export function applied(kind: i32, x: v128, low: v128): v128 {
  const one = f32x4.splat(1);
  if (kind == exponential) return exp4(x);
  if (kind == logarithm) return log4(x);
  if (kind == logarithmOfMore) {
    // What 1 + x has lost of x comes back as the first term of the series.
    const more = f32x4.add(one, x);
    const lost = f32x4.div(f32x4.sub(x, f32x4.sub(more, one)), more);
    const isPlain = v128.and(f32x4.gt(more, f32x4.splat(0)), f32x4.lt(more, f32x4.splat(<f32>Infinity)));
    return f32x4.add(log4(more), v128.and(lost, isPlain));
  }
  if (kind == squareRoot) return f32x4.sqrt(x);
  if (kind == negative) return f32x4.neg(x);
  if (kind == absolute) return f32x4.abs(x);
  if (kind == logistic) return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
  // Not a number stays none.
  const stepped = v128.bitselect(one, low, f32x4.gt(x, f32x4.splat(0)));
  return v128.bitselect(stepped, x, f32x4.eq(x, x));
}

// @ts-ignore: decorator
@inline
export function applyOne(kind: i32, x: usize, y: usize, count: i32, low: f32): void {
  const lows = f32x4.splat(low);
  for (; count >= 4; count -= 4) {
    v128.store(y, applied(kind, v128.load(x), lows));
    x += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    v128.store_lane<f32>(y, applied(kind, v128.load32_splat(x), lows), 0);
    x += 4;
    y += 4;
  }
}

/** The sum of four numbers. */
// @ts-ignore: decorator
@inline
export function total(four: v128): f32 {
  return (
    f32x4.extract_lane(four, 0) +
    f32x4.extract_lane(four, 1) +
    (f32x4.extract_lane(four, 2) + f32x4.extract_lane(four, 3))
  );
}

/** The sum of the last few products. */
// @ts-ignore: decorator
@inline
export function rest(a: usize, b: usize, count: i32): f32 {
  let sum: f32 = 0;
  for (let n = 0; n < count; n++) sum += load<f32>(a + ((<usize>n) << 2)) * load<f32>(b + ((<usize>n) << 2));
  return sum;
}

/** A number of each of four rows, at these distances in bytes from the first. */
// @ts-ignore: decorator
@inline
export function gather(from: usize, second: usize, third: usize, fourth: usize): v128 {
  let four = v128.load32_zero(from);
  four = v128.load_lane<u32>(from + second, four, 1);
  four = v128.load_lane<u32>(from + third, four, 2);
  return v128.load_lane<u32>(from + fourth, four, 3);
}

/** The first `count` (at most 4) of four numbers to places so many bytes apart. */
// @ts-ignore: decorator
@inline
export function scatter(to: usize, four: v128, pitch: usize, count: i32): void {
  v128.store_lane<u32>(to, four, 0);
  if (count > 1) v128.store_lane<u32>(to + pitch, four, 1);
  if (count > 2) v128.store_lane<u32>(to + 2 * pitch, four, 2);
  if (count > 3) v128.store_lane<u32>(to + 3 * pitch, four, 3);
}

/** The numbers of `combine`'s operations, as `wasm/arrays.ts` names them. */
export const sum: i32 = 0;
export const subtraction: i32 = 1;
export const product: i32 = 2;
export const quotient: i32 = 3;
export const squaredDistance: i32 = 4;
export const smaller: i32 = 5;
export const larger: i32 = 6;

// @ts-ignore: decorator
@inline
export function combined(operation: i32, a: v128, b: v128): v128 {
  if (operation == product) return f32x4.mul(a, b);
  if (operation == subtraction) return f32x4.sub(a, b);
  if (operation == quotient) return f32x4.div(a, b);
  if (operation == squaredDistance) {
    const d = f32x4.sub(a, b);
    return f32x4.mul(d, d);
  }
  if (operation == smaller) return f32x4.min(a, b);
  if (operation == larger) return f32x4.max(a, b);
  return f32x4.add(a, b);
}

// @ts-ignore: decorator
@inline
export function combineRows(
  operation: i32,
  a: usize,
  b: usize,
  y: usize,
  rows: i32,
  columns: i32,
  aRow: i32,
  aColumn: i32,
  bRow: i32,
  bColumn: i32,
): void {
  for (let row = 0; row < rows; row++) {
    let p = a;
    let q = b;
    const left = v128.load32_splat(p);
    let right = v128.load32_splat(q);
    let count = columns;
    if (aColumn && bColumn)
      for (; count >= 4; count -= 4) {
        v128.store(y, combined(operation, v128.load(p), v128.load(q)));
        p += 16;
        q += 16;
        y += 16;
      }
    else if (aColumn)
      for (; count >= 4; count -= 4) {
        v128.store(y, combined(operation, v128.load(p), right));
        p += 16;
        y += 16;
      }
    else
      for (; count >= 4; count -= 4) {
        if (bColumn) {
          right = v128.load(q);
          q += 16;
        }
        v128.store(y, combined(operation, left, right));
        y += 16;
      }
    for (; count > 0; count--) {
      v128.store_lane<f32>(y, combined(operation, v128.load32_splat(p), v128.load32_splat(q)), 0);
      if (aColumn) p += 4;
      if (bColumn) q += 4;
      y += 4;
    }
    a += (<usize>aRow) << 2;
    b += (<usize>bRow) << 2;
  }
}
