/** Weighted sums of losses, their columns, distances, and their gradients. Sums run in order. */
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
