/**
 * Exponential and logarithm by polynomials (Cephes, expf.c and logf.c), within two units of the last place. Written
 * here, because those of JavaScript differ between browsers and those of AssemblyScript need tables in memory.
 */

/** Exponential; infinite above 88.72, 0 below -87.33, where the result would be denormal. */
export function exp4(x: v128): v128 {
  const k = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
  const r = f32x4.add(
    f32x4.sub(x, f32x4.mul(k, f32x4.splat(0.693359375))),
    f32x4.mul(k, f32x4.splat(2.1219444e-4)),
  );
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  const whole = i32x4.trunc_sat_f32x4_s(k);
  const half = i32x4.shr_s(whole, 1);
  const bias = i32x4.splat(127);
  const scale = i32x4.shl(i32x4.add(half, bias), 23);
  const rest = i32x4.shl(i32x4.add(i32x4.sub(whole, half), bias), 23);
  const y = f32x4.mul(f32x4.mul(p, scale), rest);
  const isLarge = f32x4.gt(x, f32x4.splat(88.722839));
  const isSmall = f32x4.lt(x, f32x4.splat(-87.336545));
  return v128.andnot(v128.bitselect(f32x4.splat(<f32>Infinity), y, isLarge), isSmall);
}

/** Natural logarithm; -Infinity at 0, NaN below. */
export function log4(x: v128): v128 {
  const one = f32x4.splat(1);
  const isTiny = f32x4.lt(x, f32x4.splat(<f32>1.17549435e-38));
  const normal = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, isTiny);
  const bias = v128.bitselect(i32x4.splat(126 + 23), i32x4.splat(126), isTiny);
  let exponent = i32x4.sub(i32x4.shr_s(normal, 23), bias);
  let m = v128.or(v128.and(normal, i32x4.splat(0x7fffff)), i32x4.splat(0x3f000000));
  const isLow = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  exponent = i32x4.add(exponent, isLow);
  m = f32x4.sub(f32x4.add(m, v128.and(m, isLow)), one);
  const square = f32x4.mul(m, m);
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.sub(f32x4.mul(p, m), f32x4.splat(1.151461031e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.167699874e-1));
  p = f32x4.sub(f32x4.mul(p, m), f32x4.splat(1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.4249322787e-1));
  p = f32x4.sub(f32x4.mul(p, m), f32x4.splat(1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(2.0000714765e-1));
  p = f32x4.sub(f32x4.mul(p, m), f32x4.splat(2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(3.3333331174e-1));
  const e = f32x4.convert_i32x4_s(exponent);
  const tail = f32x4.sub(
    f32x4.add(f32x4.mul(f32x4.mul(p, m), square), f32x4.mul(e, f32x4.splat(-2.1219444e-4))),
    f32x4.mul(f32x4.splat(0.5), square),
  );
  const y = f32x4.add(f32x4.add(m, tail), f32x4.mul(e, f32x4.splat(0.693359375)));
  const zero = f32x4.splat(0);
  const odd = v128.bitselect(f32x4.splat(<f32>-Infinity), f32x4.splat(<f32>NaN), f32x4.eq(x, zero));
  const plain = v128.bitselect(y, odd, f32x4.gt(x, zero));
  return v128.bitselect(x, plain, f32x4.gt(x, f32x4.splat(f32.MAX_VALUE)));
}

/** a to the power of b, in double precision inside. Source: IEEE 754, pow. */
export function power(a: f32, b: f32): f32 {
  if (b == 0 || a == 1) return 1;
  if (a != a || b != b) return <f32>NaN;
  const isWhole = nearest<f32>(b) == b;
  const isOdd = isWhole && abs<f32>(b) < 16777216 && (<i32>b & 1) == 1;
  if (a < 0 && !isWhole && a > -(<f32>Infinity) && abs<f32>(b) < <f32>Infinity) return <f32>NaN;
  const size = abs<f32>(a);
  let result: f64;
  if (size == 1) result = 1;
  else if (size == 0 || size == <f32>Infinity || abs<f32>(b) == <f32>Infinity)
    result = size > 1 == b > 0 ? Infinity : 0;
  else result = exponentialOf(<f64>b * logarithmOf(<f64>size));
  return <f32>(a < 0 && isOdd ? -result : result);
}

/** Natural logarithm of a positive normal number, by the series of atanh, to a few units of 1e-15. */
function logarithmOf(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  let exponent = <i32>((bits >> 52) & 0x7ff) - 1023;
  let m = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    exponent++;
  }
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum: f64 = 0;
  for (let n = 17; n > 0; n -= 2) sum = sum * square + 1 / <f64>n;
  return 2 * s * sum + <f64>exponent * 0.6931471805599453;
}

/** Exponential by Taylor's series around the nearest power of two. */
function exponentialOf(x: f64): f64 {
  if (x > 700) return Infinity;
  if (x < -700) return 0;
  const k = nearest<f64>(x * 1.4426950408889634);
  const r = x - k * 0.6931471805599453;
  let sum: f64 = 1;
  for (let n = 13; n > 0; n--) sum = 1 + (sum * r) / <f64>n;
  return sum * reinterpret<f64>((<i64>k + 1023) << 52);
}
