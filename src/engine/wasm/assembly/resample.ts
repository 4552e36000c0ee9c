/** Changes of an image's size by means over windows. */

/** The first input of the window of output `row`: floor(row * from / to), and the first behind it. */
function startOf(row: i32, from: i32, to: i32): i32 {
  return (row * from) / to;
}

function endOf(row: i32, from: i32, to: i32, isNearest: i32): i32 {
  return isNearest ? startOf(row, from, to) + 1 : ((row + 1) * from + to - 1) / to;
}

/**
 * x [B,H,W,C] -> y [B,h,w,C], each the mean of its window: as an adaptive average pool, or the nearest pixel alone.
 * @param isNearest 1 for windows of one pixel
 */
export function resample(
  x: usize,
  y: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  isNearest: i32,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const rowBytes = <usize>width * pixelBytes;
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < outHeight; row++) {
      const first = x + <usize>startOf(row, height, outHeight) * rowBytes;
      const rows = endOf(row, height, outHeight, isNearest) - startOf(row, height, outHeight);
      for (let column = 0; column < outWidth; column++) {
        const from = first + <usize>startOf(column, width, outWidth) * pixelBytes;
        const columns = endOf(column, width, outWidth, isNearest) - startOf(column, width, outWidth);
        if (rows * columns == 1) memory.copy(y, from, pixelBytes);
        else meanOf(from, y, rows, columns, rowBytes, pixelBytes);
        y += pixelBytes;
      }
    }
    x += <usize>height * rowBytes;
  }
}

/** The mean of a window's pixels. */
function meanOf(from: usize, y: usize, rows: i32, columns: i32, rowBytes: usize, pixelBytes: usize): void {
  const share: f32 = 1 / <f32>(rows * columns);
  let channel: usize = 0;
  for (; channel + 16 <= pixelBytes; channel += 16) {
    let sum = f32x4.splat(0);
    for (let row = 0; row < rows; row++) {
      let at = from + <usize>row * rowBytes + channel;
      for (let column = 0; column < columns; column++) {
        sum = f32x4.add(sum, v128.load(at));
        at += pixelBytes;
      }
    }
    v128.store(y + channel, f32x4.mul(sum, f32x4.splat(share)));
  }
  for (; channel < pixelBytes; channel += 4) {
    let sum: f32 = 0;
    for (let row = 0; row < rows; row++) {
      let at = from + <usize>row * rowBytes + channel;
      for (let column = 0; column < columns; column++) {
        sum += load<f32>(at);
        at += pixelBytes;
      }
    }
    store<f32>(y + channel, sum * share);
  }
}

/** The gradient of `resample`: dy [B,h,w,C] -> dx [B,H,W,C] */
export function resampleGradient(
  dy: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  isNearest: i32,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const rowBytes = <usize>width * pixelBytes;
  memory.fill(dx, 0, <usize>(batch * height) * rowBytes);
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < outHeight; row++) {
      const firstRow = startOf(row, height, outHeight);
      const lastRow = endOf(row, height, outHeight, isNearest);
      for (let column = 0; column < outWidth; column++) {
        const firstColumn = startOf(column, width, outWidth);
        const lastColumn = endOf(column, width, outWidth, isNearest);
        const share: f32 = 1 / <f32>((lastRow - firstRow) * (lastColumn - firstColumn));
        for (let y = firstRow; y < lastRow; y++)
          for (let x = firstColumn; x < lastColumn; x++)
            addShare(dy, dx + <usize>y * rowBytes + <usize>x * pixelBytes, share, pixelBytes);
        dy += pixelBytes;
      }
    }
    dx += <usize>height * rowBytes;
  }
}

/** to += share * from */
function addShare(from: usize, to: usize, share: f32, bytes: usize): void {
  let at: usize = 0;
  const shares = f32x4.splat(share);
  for (; at + 16 <= bytes; at += 16)
    v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(v128.load(from + at), shares)));
  for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at) * share);
}
