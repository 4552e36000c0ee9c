/** Max pooling over [B,H,W,C]; pixels outside the image do not count. */

/** Whether windows are the usual ones: 2x2, side by side, covering the image, with channels in fours. */
function isHalving(
  height: i32,
  width: i32,
  channels: i32,
  tall: i32,
  wide: i32,
  strideY: i32,
  strideX: i32,
  outHeight: i32,
  outWidth: i32,
): bool {
  const isSquare = tall == 2 && wide == 2 && strideY == 2 && strideX == 2;
  return isSquare && height == 2 * outHeight && width == 2 * outWidth && (channels & 3) == 0;
}

/** `maxPool` where `isHalving`; rows are those of all images. */
function halve(x: usize, y: usize, rows: i32, columns: i32, pixel: usize): void {
  const rowBytes = <usize>(2 * columns) * pixel;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let channel: usize = 0; channel < pixel; channel += 16) {
        const at = x + channel;
        const upper = f32x4.max(v128.load(at), v128.load(at + pixel));
        const lower = f32x4.max(v128.load(at + rowBytes), v128.load(at + rowBytes + pixel));
        v128.store(y + channel, f32x4.max(upper, lower));
      }
      x += 2 * pixel;
      y += pixel;
    }
    x += rowBytes;
  }
}

/** `maxPoolGradient` where `isHalving`; rows are those of all images. */
function halveGradient(x: usize, dy: usize, dx: usize, rows: i32, columns: i32, pixel: usize): void {
  const rowBytes = <usize>(2 * columns) * pixel;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let channel: usize = 0; channel < pixel; channel += 16) {
        const at = x + channel;
        const a = v128.load(at);
        const b = v128.load(at + pixel);
        const c = v128.load(at + rowBytes);
        const d = v128.load(at + rowBytes + pixel);
        const isB = f32x4.gt(b, a);
        const upper = v128.bitselect(b, a, isB);
        const isC = f32x4.gt(c, upper);
        const isD = f32x4.gt(d, v128.bitselect(c, upper, isC));
        const slope = v128.load(dy + channel);
        const ofUpper = v128.andnot(v128.andnot(slope, isC), isD);
        const to = dx + channel;
        v128.store(to, v128.andnot(ofUpper, isB));
        v128.store(to + pixel, v128.and(ofUpper, isB));
        v128.store(to + rowBytes, v128.andnot(v128.and(slope, isC), isD));
        v128.store(to + rowBytes + pixel, v128.and(slope, isD));
      }
      x += 2 * pixel;
      dx += 2 * pixel;
      dy += pixel;
    }
    x += rowBytes;
    dx += rowBytes;
  }
}

/** x [B,H,W,C] -> [B,h,w,C] */
export function maxPool(
  x: usize,
  y: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  tall: i32,
  wide: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  outHeight: i32,
  outWidth: i32,
): void {
  const pixel = (<usize>channels) << 2;
  if (isHalving(height, width, channels, tall, wide, strideY, strideX, outHeight, outWidth)) {
    halve(x, y, batch * outHeight, outWidth, pixel);
    return;
  }
  const rowBytes = <usize>width * pixel;
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < outHeight; row++) {
      const y0 = max(row * strideY - top, 0);
      const y1 = min(row * strideY - top + tall, height);
      for (let column = 0; column < outWidth; column++) {
        const x0 = max(column * strideX - left, 0);
        const x1 = min(column * strideX - left + wide, width);
        const window = x + <usize>y0 * rowBytes + <usize>x0 * pixel;
        let channel: usize = 0;
        for (; channel + 16 <= pixel; channel += 16) {
          let best = f32x4.splat(<f32>-Infinity);
          let line = window + channel;
          for (let i = y0; i < y1; i++) {
            let at = line;
            for (let j = x0; j < x1; j++) {
              best = f32x4.max(best, v128.load(at));
              at += pixel;
            }
            line += rowBytes;
          }
          v128.store(y + channel, best);
        }
        for (; channel < pixel; channel += 4) {
          let best: f32 = <f32>-Infinity;
          let line = window + channel;
          for (let i = y0; i < y1; i++) {
            let at = line;
            for (let j = x0; j < x1; j++) {
              best = max<f32>(best, load<f32>(at));
              at += pixel;
            }
            line += rowBytes;
          }
          store<f32>(y + channel, best);
        }
        y += pixel;
      }
    }
    x += <usize>height * rowBytes;
  }
}

/** Gradient of `maxPool`: each window's goes to its first maximum, as in PyTorch. */
export function maxPoolGradient(
  x: usize,
  dy: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  tall: i32,
  wide: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  outHeight: i32,
  outWidth: i32,
): void {
  const pixel = (<usize>channels) << 2;
  if (isHalving(height, width, channels, tall, wide, strideY, strideX, outHeight, outWidth)) {
    halveGradient(x, dy, dx, batch * outHeight, outWidth, pixel);
    return;
  }
  const rowBytes = <usize>width * pixel;
  const imageBytes = <usize>height * rowBytes;
  memory.fill(dx, 0, <usize>batch * imageBytes);
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < outHeight; row++) {
      const y0 = max(row * strideY - top, 0);
      const y1 = min(row * strideY - top + tall, height);
      for (let column = 0; column < outWidth; column++) {
        const x0 = max(column * strideX - left, 0);
        const x1 = min(column * strideX - left + wide, width);
        const offset = <usize>y0 * rowBytes + <usize>x0 * pixel;
        let channel: usize = 0;
        for (; channel + 16 <= pixel; channel += 16) {
          const start = offset + channel;
          let best = v128.load(x + start);
          let place = i32x4.splat(0);
          let line = start;
          let number = 0;
          for (let i = y0; i < y1; i++) {
            let at = line;
            for (let j = x0; j < x1; j++) {
              const value = v128.load(x + at);
              const more = f32x4.gt(value, best);
              best = v128.bitselect(value, best, more);
              place = v128.bitselect(i32x4.splat(number), place, more);
              number++;
              at += pixel;
            }
            line += rowBytes;
          }
          const slope = v128.load(dy + channel);
          line = start;
          number = 0;
          for (let i = y0; i < y1; i++) {
            let at = line;
            for (let j = x0; j < x1; j++) {
              const share = v128.and(slope, i32x4.eq(place, i32x4.splat(number)));
              v128.store(dx + at, f32x4.add(v128.load(dx + at), share));
              number++;
              at += pixel;
            }
            line += rowBytes;
          }
        }
        for (; channel < pixel; channel += 4) {
          let best = offset + channel;
          let line = best;
          for (let i = y0; i < y1; i++) {
            let at = line;
            for (let j = x0; j < x1; j++) {
              if (load<f32>(x + at) > load<f32>(x + best)) best = at;
              at += pixel;
            }
            line += rowBytes;
          }
          store<f32>(dx + best, load<f32>(dx + best) + load<f32>(dy + channel));
        }
        dy += pixel;
      }
    }
    x += imageBytes;
    dx += imageBytes;
  }
}
