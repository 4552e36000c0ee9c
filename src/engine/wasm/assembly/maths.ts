/**
 * Exponential and logarithm by polynomials (Cephes, expf.c and logf.c), within two units of the last place. Written
 * here, because those of JavaScript differ between browsers and those of AssemblyScript need tables in memory.
 */

/** Infinite above 88.72, 0 below -87.33, where the result would be denormal. */
export function exp(x: f32): f32 {
  if (x > <f32>88.722839) return <f32>Infinity;
  if (x < <f32>-87.336545) return 0;
  const k = nearest<f32>(x * <f32>1.44269504088896341);
  const r = x - k * <f32>0.693359375 + k * <f32>2.1219444e-4;
  let p: f32 = 1.98756915e-4;
  p = p * r + <f32>1.3981999507e-3;
  p = p * r + <f32>8.3334519073e-3;
  p = p * r + <f32>4.1665795894e-2;
  p = p * r + <f32>1.6666665459e-1;
  p = p * r + <f32>5.0000001201e-1;
  p = p * r * r + r + 1;
  // In two factors, because 2^128 is no number.
  const half = <i32>k >> 1;
  const scale = reinterpret<f32>((half + 127) << 23);
  return p * scale * reinterpret<f32>((<i32>k - half + 127) << 23);
}

/** Natural logarithm of normal numbers; -Infinity at 0, NaN below. */
export function log(x: f32): f32 {
  if (!(x > 0)) return x == 0 ? <f32>-Infinity : <f32>NaN;
  if (x > f32.MAX_VALUE) return x;
  const bits = reinterpret<i32>(x);
  let exponent = (bits >> 23) - 126;
  let m = reinterpret<f32>((bits & 0x7fffff) | 0x3f000000);
  if (m < <f32>0.707106781186547524) {
    exponent--;
    m += m;
  }
  m -= 1;
  const square = m * m;
  let p: f32 = 7.0376836292e-2;
  p = p * m - <f32>1.151461031e-1;
  p = p * m + <f32>1.167699874e-1;
  p = p * m - <f32>1.2420140846e-1;
  p = p * m + <f32>1.4249322787e-1;
  p = p * m - <f32>1.6668057665e-1;
  p = p * m + <f32>2.0000714765e-1;
  p = p * m - <f32>2.4999993993e-1;
  p = p * m + <f32>3.3333331174e-1;
  const e = <f32>exponent;
  return m + (p * m * square + e * <f32>-2.1219444e-4 - <f32>0.5 * square) + e * <f32>0.693359375;
}
