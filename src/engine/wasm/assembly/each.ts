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
