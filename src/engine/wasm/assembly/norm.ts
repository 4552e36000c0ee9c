/**
 * Batch normalisation over rows [rows,C], with the ReLU that may follow it, forward and backward. Rows are summed in
 * chunks that stay in the nearest cache, each chunk by itself and then all chunks: that reads memory once for all
 * channels, and rounds less than one long sum.
 */

/** Bytes of rows that are summed at a time. */
const chunkBytes: i32 = 16384;

const epsilon: f32 = 1e-5;

function rowsTogether(channels: i32): i32 {
  return max(4, chunkBytes / (channels << 2));
}

/**
 * sums[c] += sum of x - shift, squares[c] += sum of (x - shift)^2
 * @param count rows
 * @param first, last channels
 */
function addMoments(
  x: usize,
  shift: usize,
  sums: usize,
  squares: usize,
  count: i32,
  channels: i32,
  first: i32,
  last: i32,
): void {
  const pitch = (<usize>channels) << 2;
  let channel = first;
  for (; channel + 4 <= last; channel += 4) {
    const by = (<usize>channel) << 2;
    const s = v128.load(shift + by);
    let at = x + by;
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let p = f32x4.splat(0);
    let q = f32x4.splat(0);
    let row = 0;
    for (; row + 2 <= count; row += 2) {
      const u = f32x4.sub(v128.load(at), s);
      const v = f32x4.sub(v128.load(at + pitch), s);
      a = f32x4.add(a, u);
      b = f32x4.add(b, v);
      p = f32x4.add(p, f32x4.mul(u, u));
      q = f32x4.add(q, f32x4.mul(v, v));
      at += pitch << 1;
    }
    if (row < count) {
      const u = f32x4.sub(v128.load(at), s);
      a = f32x4.add(a, u);
      p = f32x4.add(p, f32x4.mul(u, u));
    }
    v128.store(sums + by, f32x4.add(v128.load(sums + by), f32x4.add(a, b)));
    v128.store(squares + by, f32x4.add(v128.load(squares + by), f32x4.add(p, q)));
  }
  for (; channel < last; channel++) {
    const by = (<usize>channel) << 2;
    const s = load<f32>(shift + by);
    let at = x + by;
    let a: f32 = 0;
    let p: f32 = 0;
    for (let row = 0; row < count; row++) {
      const u = load<f32>(at) - s;
      a += u;
      p += u * u;
      at += pitch;
    }
    store<f32>(sums + by, load<f32>(sums + by) + a);
    store<f32>(squares + by, load<f32>(squares + by) + p);
  }
}

/**
 * Statistics of a batch.
 * @param coefficients receives mean, 1 / deviation, scale and offset [4,C]
 * @param mean, unbiased receive [C] each; a single row has no unbiased variance, and gets the biased one (zero)
 * @param first, last only these channels; first is a multiple of 4
 */
export function normStatistics(
  x: usize,
  scale: usize,
  offset: usize,
  coefficients: usize,
  mean: usize,
  unbiased: usize,
  rows: i32,
  channels: i32,
  first: i32,
  last: i32,
): void {
  const bytes = channels << 2;
  const from = (<usize>first) << 2;
  const to = (<usize>last) << 2;
  // The moments are taken about the first row, which lies within the data: sums of squares about zero cancel.
  memory.fill(mean + from, 0, to - from);
  memory.fill(unbiased + from, 0, to - from);
  const together = rowsTogether(channels);
  // Each chunk is summed into the second half of the coefficients first.
  const sums = coefficients;
  const squares = coefficients + <usize>bytes;
  for (let row = 0; row < rows; row += together) {
    memory.fill(sums + from, 0, to - from);
    memory.fill(squares + from, 0, to - from);
    const chunk = x + <usize>(row * bytes);
    addMoments(chunk, x, sums, squares, min(together, rows - row), channels, first, last);
    for (let at = from; at < to; at += 4) {
      store<f32>(mean + at, load<f32>(mean + at) + load<f32>(sums + at));
      store<f32>(unbiased + at, load<f32>(unbiased + at) + load<f32>(squares + at));
    }
  }
  const count = <f32>rows;
  for (let at = from; at < to; at += 4) {
    const shifted = load<f32>(mean + at) / count;
    const variance = max<f32>(0, load<f32>(unbiased + at) / count - shifted * shifted);
    const middle = load<f32>(x + at) + shifted;
    store<f32>(mean + at, middle);
    store<f32>(unbiased + at, variance * (count / <f32>max(rows - 1, 1)));
    store<f32>(coefficients + at, middle);
    store<f32>(coefficients + bytes + at, 1 / sqrt<f32>(variance + epsilon));
    store<f32>(coefficients + 2 * bytes + at, load<f32>(scale + at));
    store<f32>(coefficients + 3 * bytes + at, load<f32>(offset + at));
  }
}

/** Coefficients as of `normStatistics` from given statistics. */
export function normCoefficients(
  scale: usize,
  offset: usize,
  mean: usize,
  variance: usize,
  coefficients: usize,
  channels: i32,
): void {
  const bytes = (<usize>channels) << 2;
  for (let at: usize = 0; at < bytes; at += 4) {
    store<f32>(coefficients + at, load<f32>(mean + at));
    store<f32>(coefficients + bytes + at, 1 / sqrt<f32>(load<f32>(variance + at) + epsilon));
    store<f32>(coefficients + 2 * bytes + at, load<f32>(scale + at));
    store<f32>(coefficients + 3 * bytes + at, load<f32>(offset + at));
  }
}

/** y = (x - mean) * scale / deviation + offset, cut off at zero if `relu`; x and y may be the same. */
export function normalise(
  x: usize,
  coefficients: usize,
  y: usize,
  rows: i32,
  channels: i32,
  relu: i32,
): void {
  const pitch = (<usize>channels) << 2;
  const together = rowsTogether(channels);
  // No number is below minus infinity.
  const least = f32x4.splat(relu ? 0 : <f32>-Infinity);
  const lowest = f32x4.extract_lane(least, 0);
  for (let start = 0; start < rows; start += together) {
    const count = min(together, rows - start);
    const first = <usize>start * pitch;
    let channel = 0;
    for (; channel + 4 <= channels; channel += 4) {
      const by = (<usize>channel) << 2;
      const m = v128.load(coefficients + by);
      const slope = f32x4.mul(v128.load(coefficients + pitch + by), v128.load(coefficients + 2 * pitch + by));
      const o = v128.load(coefficients + 3 * pitch + by);
      let at = first + by;
      for (let row = 0; row < count; row++) {
        const value = f32x4.add(f32x4.mul(f32x4.sub(v128.load(x + at), m), slope), o);
        v128.store(y + at, f32x4.max(value, least));
        at += pitch;
      }
    }
    for (; channel < channels; channel++) {
      const by = (<usize>channel) << 2;
      const m = load<f32>(coefficients + by);
      const slope = load<f32>(coefficients + pitch + by) * load<f32>(coefficients + 2 * pitch + by);
      const o = load<f32>(coefficients + 3 * pitch + by);
      let at = first + by;
      for (let row = 0; row < count; row++) {
        store<f32>(y + at, max<f32>((load<f32>(x + at) - m) * slope + o, lowest));
        at += pitch;
      }
    }
  }
}

/**
 * Gradients of scale and offset [C] each: sums of dy * (x - mean) / deviation and of dy. With `relu` rows count where
 * the output was positive; that is computed again from x, in the same operations, which reads less than a stored mask.
 * @param first, last only these channels; first is a multiple of 4
 */
export function normParameterGradients(
  dy: usize,
  x: usize,
  coefficients: usize,
  dScale: usize,
  dOffset: usize,
  rows: i32,
  channels: i32,
  relu: i32,
  first: i32,
  last: i32,
): void {
  const pitch = (<usize>channels) << 2;
  const from = (<usize>first) << 2;
  const to = (<usize>last) << 2;
  memory.fill(dScale + from, 0, to - from);
  memory.fill(dOffset + from, 0, to - from);
  const together = rowsTogether(channels) >> 1;
  const zero = f32x4.splat(0);
  // A mask of ones where nothing is cut off.
  const all = i32x4.splat(relu ? 0 : -1);
  for (let start = 0; start < rows; start += together) {
    const count = min(together, rows - start);
    const row0 = <usize>start * pitch;
    let channel = first;
    for (; channel + 4 <= last; channel += 4) {
      const by = (<usize>channel) << 2;
      const m = v128.load(coefficients + by);
      const slope = f32x4.mul(v128.load(coefficients + pitch + by), v128.load(coefficients + 2 * pitch + by));
      const o = v128.load(coefficients + 3 * pitch + by);
      let level = zero;
      let tilt = zero;
      let at = row0 + by;
      for (let row = 0; row < count; row++) {
        const centred = f32x4.sub(v128.load(x + at), m);
        const passes = v128.or(all, f32x4.gt(f32x4.add(f32x4.mul(centred, slope), o), zero));
        const g = v128.and(v128.load(dy + at), passes);
        level = f32x4.add(level, g);
        tilt = f32x4.add(tilt, f32x4.mul(g, centred));
        at += pitch;
      }
      v128.store(dOffset + by, f32x4.add(v128.load(dOffset + by), level));
      v128.store(dScale + by, f32x4.add(v128.load(dScale + by), tilt));
    }
    for (; channel < last; channel++) {
      const by = (<usize>channel) << 2;
      const m = load<f32>(coefficients + by);
      const slope = load<f32>(coefficients + pitch + by) * load<f32>(coefficients + 2 * pitch + by);
      const o = load<f32>(coefficients + 3 * pitch + by);
      let level: f32 = 0;
      let tilt: f32 = 0;
      let at = row0 + by;
      for (let row = 0; row < count; row++) {
        const centred = load<f32>(x + at) - m;
        const g: f32 = relu && !(centred * slope + o > 0) ? 0 : load<f32>(dy + at);
        level += g;
        tilt += g * centred;
        at += pitch;
      }
      store<f32>(dOffset + by, load<f32>(dOffset + by) + level);
      store<f32>(dScale + by, load<f32>(dScale + by) + tilt);
    }
  }
  for (let by = from; by < to; by += 4)
    store<f32>(dScale + by, load<f32>(dScale + by) * load<f32>(coefficients + pitch + by));
}

/**
 * dx = slope * (dy - mean(dy) - xhat * mean(dy * xhat)); without `counted` the statistics are constants, dx = slope * dy.
 * @param dScale, dOffset of `normParameterGradients`
 * @param counted rows over which the statistics were taken, which may be more than these; 0 for given ones
 */
export function normInputGradient(
  dy: usize,
  x: usize,
  coefficients: usize,
  dScale: usize,
  dOffset: usize,
  dx: usize,
  rows: i32,
  channels: i32,
  relu: i32,
  counted: i32,
): void {
  const pitch = (<usize>channels) << 2;
  const together = rowsTogether(channels) >> 1;
  const zero = f32x4.splat(0);
  const all = i32x4.splat(relu ? 0 : -1);
  const share: f32 = counted > 0 ? 1 / <f32>counted : 0;
  const shares = f32x4.splat(share);
  for (let start = 0; start < rows; start += together) {
    const count = min(together, rows - start);
    const first = <usize>start * pitch;
    let channel = 0;
    for (; channel + 4 <= channels; channel += 4) {
      const by = (<usize>channel) << 2;
      const m = v128.load(coefficients + by);
      const inverse = v128.load(coefficients + pitch + by);
      const slope = f32x4.mul(inverse, v128.load(coefficients + 2 * pitch + by));
      const o = v128.load(coefficients + 3 * pitch + by);
      const level = f32x4.mul(v128.load(dOffset + by), shares);
      const tilt = f32x4.mul(f32x4.mul(v128.load(dScale + by), shares), inverse);
      let at = first + by;
      for (let row = 0; row < count; row++) {
        const centred = f32x4.sub(v128.load(x + at), m);
        const passes = v128.or(all, f32x4.gt(f32x4.add(f32x4.mul(centred, slope), o), zero));
        const g = v128.and(v128.load(dy + at), passes);
        const change = f32x4.sub(f32x4.sub(g, level), f32x4.mul(centred, tilt));
        v128.store(dx + at, f32x4.mul(slope, change));
        at += pitch;
      }
    }
    for (; channel < channels; channel++) {
      const by = (<usize>channel) << 2;
      const m = load<f32>(coefficients + by);
      const inverse = load<f32>(coefficients + pitch + by);
      const slope = inverse * load<f32>(coefficients + 2 * pitch + by);
      const o = load<f32>(coefficients + 3 * pitch + by);
      const level = load<f32>(dOffset + by) * share;
      const tilt = load<f32>(dScale + by) * share * inverse;
      let at = first + by;
      for (let row = 0; row < count; row++) {
        const centred = load<f32>(x + at) - m;
        const g: f32 = relu && !(centred * slope + o > 0) ? 0 : load<f32>(dy + at);
        store<f32>(dx + at, slope * (g - level - centred * tilt));
        at += pitch;
      }
    }
  }
}
