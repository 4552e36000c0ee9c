/** Losses per image, weighted sums of them, and their gradients. Sums run in order. */
import { exp, log } from './maths';

/** Largest of a row's numbers. */
function topOf(row: usize, classes: i32): f32 {
  let top = load<f32>(row);
  for (let c = 1; c < classes; c++) top = max<f32>(top, load<f32>(row + ((<usize>c) << 2)));
  return top;
}

/** Sum of exp((x - top) / temperature) over a row. */
function totalOf(row: usize, classes: i32, top: f32, temperature: f32): f32 {
  let total: f32 = 0;
  for (let c = 0; c < classes; c++) total += exp((load<f32>(row + ((<usize>c) << 2)) - top) / temperature);
  return total;
}

/** logits, labels [B,C] -> [B] */
export function crossEntropy(logits: usize, labels: usize, losses: usize, batch: i32, classes: i32): void {
  const pitch = (<usize>classes) << 2;
  for (let image = 0; image < batch; image++) {
    const top = topOf(logits, classes);
    const shift = log(totalOf(logits, classes, top, 1));
    let sum: f32 = 0;
    for (let at: usize = 0; at < pitch; at += 4)
      sum += load<f32>(labels + at) * (shift - (load<f32>(logits + at) - top));
    store<f32>(losses, sum);
    losses += 4;
    logits += pitch;
    labels += pitch;
  }
}

/** dy [B], logits, labels [B,C] -> gradient of the logits */
export function crossEntropyGradient(
  dy: usize,
  logits: usize,
  labels: usize,
  dx: usize,
  batch: i32,
  classes: i32,
): void {
  const pitch = (<usize>classes) << 2;
  for (let image = 0; image < batch; image++) {
    const top = topOf(logits, classes);
    const total = totalOf(logits, classes, top, 1);
    const slope = load<f32>(dy);
    let labelled: f32 = 0;
    for (let at: usize = 0; at < pitch; at += 4) labelled += load<f32>(labels + at);
    for (let at: usize = 0; at < pitch; at += 4)
      store<f32>(
        dx + at,
        slope * ((exp(load<f32>(logits + at) - top) / total) * labelled - load<f32>(labels + at)),
      );
    dy += 4;
    logits += pitch;
    labels += pitch;
    dx += pitch;
  }
}

/** Below this |log(p / q)| the terms of a divergence are a series: see engine/divergence.ts. */
const seriesBound: f32 = 0.25;

/** T^2 KL(softmax(teacher / T) || softmax(student / T)) per image [B] */
export function temperatureKl(
  student: usize,
  teacher: usize,
  temperature: usize,
  losses: usize,
  batch: i32,
  classes: i32,
): void {
  const pitch = (<usize>classes) << 2;
  const t = load<f32>(temperature);
  for (let image = 0; image < batch; image++) {
    const topQ = topOf(student, classes);
    const topP = topOf(teacher, classes);
    const totalQ = totalOf(student, classes, topQ, t);
    const totalP = totalOf(teacher, classes, topP, t);
    const shift = log(totalQ) - log(totalP);
    let sum: f32 = 0;
    for (let at: usize = 0; at < pitch; at += 4) {
      const logQ = (load<f32>(student + at) - topQ) / t;
      const logP = (load<f32>(teacher + at) - topP) / t;
      const p = exp(logP) / totalP;
      const r = logP - logQ + shift;
      if (abs<f32>(r) < seriesBound) {
        const inner: f32 = <f32>(1.0 / 24.0) - r * (<f32>(1.0 / 120.0) - r * <f32>(1.0 / 720.0));
        sum += p * r * r * (<f32>0.5 - r * (<f32>(1.0 / 6.0) - r * inner));
      } else sum += p * r + (exp(logQ) / totalQ - p);
    }
    store<f32>(losses, sum * t * t);
    losses += 4;
    student += pitch;
    teacher += pitch;
  }
}

/** dy [B], logits [B,C] -> gradient of the student's logits */
export function temperatureKlGradient(
  dy: usize,
  student: usize,
  teacher: usize,
  temperature: usize,
  dx: usize,
  batch: i32,
  classes: i32,
): void {
  const pitch = (<usize>classes) << 2;
  const t = load<f32>(temperature);
  for (let image = 0; image < batch; image++) {
    const topQ = topOf(student, classes);
    const topP = topOf(teacher, classes);
    const totalQ = totalOf(student, classes, topQ, t);
    const totalP = totalOf(teacher, classes, topP, t);
    const slope = load<f32>(dy) * t;
    for (let at: usize = 0; at < pitch; at += 4) {
      const q = exp((load<f32>(student + at) - topQ) / t) / totalQ;
      const p = exp((load<f32>(teacher + at) - topP) / t) / totalP;
      store<f32>(dx + at, slope * (q - p));
    }
    dy += 4;
    student += pitch;
    teacher += pitch;
    dx += pitch;
  }
}

/** Vector [rows] -> a column of a matrix with this many columns. */
export function intoColumn(vector: usize, matrix: usize, rows: i32, columns: i32, column: i32): void {
  let to = matrix + ((<usize>column) << 2);
  for (let row = 0; row < rows; row++) {
    store<f32>(to, load<f32>(vector + ((<usize>row) << 2)));
    to += (<usize>columns) << 2;
  }
}

/** A column of a matrix [rows,columns] -> [rows] */
export function columnOf(matrix: usize, vector: usize, rows: i32, columns: i32, column: i32): void {
  let from = matrix + ((<usize>column) << 2);
  for (let row = 0; row < rows; row++) {
    store<f32>(vector + ((<usize>row) << 2), load<f32>(from));
    from += (<usize>columns) << 2;
  }
}

/** Sum of losses times weights (one, one per column or one per loss). */
function weightedSumOf(losses: usize, weights: usize, count: i32, weightCount: i32): f32 {
  let sum: f32 = 0;
  let w = 0;
  for (let n = 0; n < count; n++) {
    sum += load<f32>(losses + ((<usize>n) << 2)) * load<f32>(weights + ((<usize>w) << 2));
    if (++w == weightCount) w = 0;
  }
  return sum;
}

/** dx[n] = slope * weights[n % weightCount] */
function scaleWeights(slope: f32, weights: usize, dx: usize, count: i32, weightCount: i32): void {
  let w = 0;
  for (let n = 0; n < count; n++) {
    store<f32>(dx + ((<usize>n) << 2), slope * load<f32>(weights + ((<usize>w) << 2)));
    if (++w == weightCount) w = 0;
  }
}

/** Sum of losses times weights, divided. */
export function weightedSum(
  losses: usize,
  weights: usize,
  divisor: usize,
  sum: usize,
  count: i32,
  weightCount: i32,
): void {
  store<f32>(sum, weightedSumOf(losses, weights, count, weightCount) / load<f32>(divisor));
}

/** dy [one], weights, divisor -> gradient of the losses */
export function weightedSumGradient(
  dy: usize,
  weights: usize,
  divisor: usize,
  dx: usize,
  count: i32,
  weightCount: i32,
): void {
  scaleWeights(load<f32>(dy) / load<f32>(divisor), weights, dx, count, weightCount);
}

/**
 * ce [B], losses [B,H], weights, rule -> objective and mean of ce [one each]. The rule: factor of ce, divisors of the
 * sums of ce and of losses.
 */
export function objective(
  ce: usize,
  losses: usize,
  weights: usize,
  rule: usize,
  total: usize,
  mean: usize,
  batch: i32,
  hints: i32,
  weightCount: i32,
): void {
  let sum: f32 = 0;
  for (let n = 0; n < batch; n++) sum += load<f32>(ce + ((<usize>n) << 2));
  const m = sum / load<f32>(rule, 4);
  const weighted = weightedSumOf(losses, weights, batch * hints, weightCount);
  store<f32>(mean, m);
  store<f32>(total, load<f32>(rule) * m + weighted / load<f32>(rule, 8));
}

/** dy [one], weights, rule -> gradients of ce [B] and losses [B,H] */
export function objectiveGradient(
  dy: usize,
  weights: usize,
  rule: usize,
  dCe: usize,
  dLosses: usize,
  batch: i32,
  hints: i32,
  weightCount: i32,
): void {
  const slope = load<f32>(dy);
  const each = (slope * load<f32>(rule)) / load<f32>(rule, 4);
  for (let n = 0; n < batch; n++) store<f32>(dCe + ((<usize>n) << 2), each);
  scaleWeights(slope / load<f32>(rule, 8), weights, dLosses, batch * hints, weightCount);
}

/** a, b [B,size] -> mean of (a - b)^2 per image [B] */
export function squaredDistance(a: usize, b: usize, losses: usize, batch: i32, size: i32): void {
  for (let image = 0; image < batch; image++) {
    const end = a + ((<usize>size) << 2);
    let first = f32x4.splat(0);
    let second = f32x4.splat(0);
    for (; a + 32 <= end; a += 32, b += 32) {
      const d = f32x4.sub(v128.load(a), v128.load(b));
      const e = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
      first = f32x4.add(first, f32x4.mul(d, d));
      second = f32x4.add(second, f32x4.mul(e, e));
    }
    const four = f32x4.add(first, second);
    let sum =
      f32x4.extract_lane(four, 0) +
      f32x4.extract_lane(four, 1) +
      (f32x4.extract_lane(four, 2) + f32x4.extract_lane(four, 3));
    for (; a < end; a += 4, b += 4) {
      const d = load<f32>(a) - load<f32>(b);
      sum += d * d;
    }
    store<f32>(losses, sum / <f32>size);
    losses += 4;
  }
}

/** dy [B], a, b [B,size] -> gradient of a */
export function squaredDistanceGradient(
  dy: usize,
  a: usize,
  b: usize,
  dx: usize,
  batch: i32,
  size: i32,
): void {
  for (let image = 0; image < batch; image++) {
    const slope: f32 = (load<f32>(dy) * 2) / <f32>size;
    const slopes = f32x4.splat(slope);
    const end = a + ((<usize>size) << 2);
    for (; a + 16 <= end; a += 16, b += 16, dx += 16)
      v128.store(dx, f32x4.mul(slopes, f32x4.sub(v128.load(a), v128.load(b))));
    for (; a < end; a += 4, b += 4, dx += 4) store<f32>(dx, slope * (load<f32>(a) - load<f32>(b)));
    dy += 4;
  }
}
