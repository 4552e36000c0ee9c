/** Elementwise operations, sums over rows and updates of parameters. */

/** y = x where that is positive, else 0. */
export function relu(x: usize, y: usize, count: i32): void {
  const end = x + ((<usize>count) << 2);
  const zero = f32x4.splat(0);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, f32x4.max(v128.load(x), zero));
  for (; x < end; x += 4, y += 4) store<f32>(y, max<f32>(load<f32>(x), 0));
}

/** dx = dy where y is positive, else 0. */
export function mask(dy: usize, y: usize, dx: usize, count: i32): void {
  const end = dy + ((<usize>count) << 2);
  const zero = f32x4.splat(0);
  for (; dy + 16 <= end; dy += 16, y += 16, dx += 16)
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
  for (; dy < end; dy += 4, y += 4, dx += 4) store<f32>(dx, load<f32>(y) > 0 ? load<f32>(dy) : 0);
}

/** Copies numbers of 32 bits. */
export function copy(from: usize, to: usize, count: i32): void {
  memory.copy(to, from, (<usize>count) << 2);
}

/** sum = a + b */
export function plus(a: usize, b: usize, sum: usize, count: i32): void {
  const end = a + ((<usize>count) << 2);
  for (; a + 16 <= end; a += 16, b += 16, sum += 16) v128.store(sum, f32x4.add(v128.load(a), v128.load(b)));
  for (; a < end; a += 4, b += 4, sum += 4) store<f32>(sum, load<f32>(a) + load<f32>(b));
}

/** y = x * factor */
export function times(x: usize, factor: f32, y: usize, count: i32): void {
  const end = x + ((<usize>count) << 2);
  const factors = f32x4.splat(factor);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, f32x4.mul(v128.load(x), factors));
  for (; x < end; x += 4, y += 4) store<f32>(y, load<f32>(x) * factor);
}

/** x [rows,columns], bias [columns] -> y */
export function plusRow(x: usize, bias: usize, y: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++) {
    plus(x, bias, y, columns);
    x += (<usize>columns) << 2;
    y += (<usize>columns) << 2;
  }
}

/** x [rows,columns], column [rows] -> y; whole numbers where `isWhole` is not 0 */
export function plusColumn(x: usize, column: usize, y: usize, rows: i32, columns: i32, isWhole: i32): void {
  for (let row = 0; row < rows; row++) {
    const value = v128.load32_splat(column + ((<usize>row) << 2));
    let left = columns;
    for (; left >= 4; left -= 4) {
      const from = v128.load(x);
      v128.store(y, isWhole ? i32x4.add(from, value) : f32x4.add(from, value));
      x += 16;
      y += 16;
    }
    for (; left > 0; left--) {
      const from = v128.load32_splat(x);
      v128.store_lane<f32>(y, isWhole ? i32x4.add(from, value) : f32x4.add(from, value), 0);
      x += 4;
      y += 4;
    }
  }
}

/** Rows of `columns` numbers of x, picked by number -> y [count,columns] */
export function pickRows(x: usize, picks: usize, y: usize, count: i32, columns: i32): void {
  if (columns == 1) {
    for (let n = 0; n < count; n++) {
      store<f32>(y, load<f32>(x + ((<usize>load<u32>(picks)) << 2)));
      picks += 4;
      y += 4;
    }
    return;
  }
  const bytes = (<usize>columns) << 2;
  for (let n = 0; n < count; n++) {
    memory.copy(y, x + <usize>load<u32>(picks) * bytes, bytes);
    picks += 4;
    y += bytes;
  }
}

/** x [rows,columns] -> factor * sums over rows [columns] */
export function sumRows(x: usize, sums: usize, rows: i32, columns: i32, factor: f32): void {
  const pitch = (<usize>columns) << 2;
  let column = 0;
  const factors = f32x4.splat(factor);
  for (; column + 4 <= columns; column += 4) {
    let at = x + ((<usize>column) << 2);
    let sum = f32x4.splat(0);
    for (let row = 0; row < rows; row++) {
      sum = f32x4.add(sum, v128.load(at));
      at += pitch;
    }
    v128.store(sums + ((<usize>column) << 2), f32x4.mul(sum, factors));
  }
  for (; column < columns; column++) {
    let at = x + ((<usize>column) << 2);
    let sum: f32 = 0;
    for (let row = 0; row < rows; row++) {
      sum += load<f32>(at);
      at += pitch;
    }
    store<f32>(sums + ((<usize>column) << 2), sum * factor);
  }
}

/** x [B,places,C] -> means over places [B,C] */
export function placeMeans(x: usize, means: usize, batch: i32, places: i32, channels: i32): void {
  for (let image = 0; image < batch; image++) {
    sumRows(x, means, places, channels, 1 / <f32>places);
    x += (<usize>places * channels) << 2;
    means += (<usize>channels) << 2;
  }
}

/** dy [B,C] -> dx [B,places,C], each place with its share. */
export function spread(dy: usize, dx: usize, batch: i32, places: i32, channels: i32): void {
  const share: f32 = 1 / <f32>places;
  const bytes = (<usize>channels) << 2;
  for (let image = 0; image < batch; image++) {
    times(dy, share, dx, channels);
    for (let place = 1; place < places; place++) memory.copy(dx + <usize>place * bytes, dx, bytes);
    dx += <usize>places * bytes;
    dy += bytes;
  }
}

/**
 * SGD as in PyTorch.
 * @param h rate, momentum, 1 for Nesterov, weight decay
 */
export function updateSgd(p: usize, g: usize, velocity: usize, h: usize, count: i32): void {
  const momentum = load<f32>(h, 4);
  const rates = f32x4.splat(load<f32>(h));
  const momenta = f32x4.splat(momentum);
  const decays = f32x4.splat(load<f32>(h, 12));
  const nesterov = load<f32>(h, 8) > 0;
  const end = p + ((<usize>count) << 2);
  for (; p + 16 <= end; p += 16, g += 16, velocity += 16) {
    const value = v128.load(p);
    let slope = f32x4.add(v128.load(g), f32x4.mul(decays, value));
    if (momentum > 0) {
      const v = f32x4.add(f32x4.mul(momenta, v128.load(velocity)), slope);
      v128.store(velocity, v);
      slope = nesterov ? f32x4.add(slope, f32x4.mul(momenta, v)) : v;
    }
    v128.store(p, f32x4.sub(value, f32x4.mul(rates, slope)));
  }
  const rate = load<f32>(h);
  const decay = load<f32>(h, 12);
  for (; p < end; p += 4, g += 4, velocity += 4) {
    const value = load<f32>(p);
    let slope = load<f32>(g) + decay * value;
    if (momentum > 0) {
      const v = momentum * load<f32>(velocity) + slope;
      store<f32>(velocity, v);
      slope = nesterov ? slope + momentum * v : v;
    }
    store<f32>(p, value - rate * slope);
  }
}

/**
 * Adam as in PyTorch.
 * @param h rate, beta1, beta2, epsilon, weight decay added to gradients, factor by which weights shrink, 1 - beta1,
 *   1 - beta2; rate and epsilon include the bias corrections
 */
export function updateAdam(p: usize, g: usize, first: usize, second: usize, h: usize, count: i32): void {
  const rate = load<f32>(h);
  const beta1 = load<f32>(h, 4);
  const beta2 = load<f32>(h, 8);
  const epsilon = load<f32>(h, 12);
  const decay = load<f32>(h, 16);
  const shrink = load<f32>(h, 20);
  const rest1 = load<f32>(h, 24);
  const rest2 = load<f32>(h, 28);
  const rates = f32x4.splat(rate);
  const betas1 = f32x4.splat(beta1);
  const betas2 = f32x4.splat(beta2);
  const rests1 = f32x4.splat(rest1);
  const rests2 = f32x4.splat(rest2);
  const epsilons = f32x4.splat(epsilon);
  const decays = f32x4.splat(decay);
  const shrinks = f32x4.splat(shrink);
  const end = p + ((<usize>count) << 2);
  for (; p + 16 <= end; p += 16, g += 16, first += 16, second += 16) {
    const value = v128.load(p);
    const slope = f32x4.add(v128.load(g), f32x4.mul(decays, value));
    const m = f32x4.add(f32x4.mul(betas1, v128.load(first)), f32x4.mul(rests1, slope));
    const v = f32x4.add(f32x4.mul(betas2, v128.load(second)), f32x4.mul(f32x4.mul(rests2, slope), slope));
    v128.store(first, m);
    v128.store(second, v);
    const change = f32x4.div(f32x4.mul(rates, m), f32x4.add(f32x4.sqrt(v), epsilons));
    v128.store(p, f32x4.sub(value, f32x4.add(change, f32x4.mul(shrinks, value))));
  }
  for (; p < end; p += 4, g += 4, first += 4, second += 4) {
    const value = load<f32>(p);
    const slope = load<f32>(g) + decay * value;
    const m = beta1 * load<f32>(first) + rest1 * slope;
    const v = beta2 * load<f32>(second) + rest2 * slope * slope;
    store<f32>(first, m);
    store<f32>(second, v);
    store<f32>(p, value - ((rate * m) / (sqrt<f32>(v) + epsilon) + shrink * value));
  }
}

/** Running average: p += h * (g - p). */
export function updateBlend(p: usize, g: usize, h: usize, count: i32): void {
  const share = load<f32>(h);
  const end = p + ((<usize>count) << 2);
  for (; p < end; p += 4, g += 4) store<f32>(p, load<f32>(p) + share * (load<f32>(g) - load<f32>(p)));
}
