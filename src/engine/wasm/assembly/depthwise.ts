/** Convolutions of each channel by itself, [B,H,W,C] with filters [k,l,C], and both gradients, by taps inside the image. */

/** to[c] += a[c] * b[c] for the channels of a pixel. */
// @ts-ignore: decorator
@inline
function addProduct(a: usize, b: usize, to: usize, bytes: usize): void {
  let by: usize = 0;
  for (; by + 16 <= bytes; by += 16)
    v128.store(to + by, f32x4.add(v128.load(to + by), f32x4.mul(v128.load(a + by), v128.load(b + by))));
  for (; by < bytes; by += 4)
    store<f32>(to + by, load<f32>(to + by) + load<f32>(a + by) * load<f32>(b + by));
}

/** Which sum `depthwise` adds up. */
const forward: i32 = 0;
const ofInput: i32 = 1;

/**
 * @param sum 0: y from x and filter; 1: x (the input's gradient) from y and filter; 2: filter (its gradient) from x and y.
 *   What is summed is cleared first.
 */
export function depthwise(
  sum: i32,
  x: usize,
  filter: usize,
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
  const pixel = <usize>channels << 2;
  const rowBytes = <usize>width * pixel;
  const imageBytes = <usize>height * rowBytes;
  if (sum == forward) memory.fill(y, 0, <usize>(batch * outHeight * outWidth) * pixel);
  else if (sum == ofInput) memory.fill(x, 0, <usize>batch * imageBytes);
  else memory.fill(filter, 0, <usize>(tall * wide) * pixel);
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < outHeight; row++) {
      const firstRow = row * strideY - top;
      const y0 = max(0, -firstRow);
      const y1 = min(tall, height - firstRow);
      for (let column = 0; column < outWidth; column++) {
        const firstColumn = column * strideX - left;
        const x0 = max(0, -firstColumn);
        const x1 = min(wide, width - firstColumn);
        for (let i = y0; i < y1; i++) {
          let at = x + <usize>((firstRow + i) * width + firstColumn + x0) * pixel;
          let tap = filter + <usize>(i * wide + x0) * pixel;
          for (let j = x0; j < x1; j++) {
            if (sum == forward) addProduct(at, tap, y, pixel);
            else if (sum == ofInput) addProduct(y, tap, at, pixel);
            else addProduct(at, y, tap, pixel);
            at += pixel;
            tap += pixel;
          }
        }
        y += pixel;
      }
    }
    x += imageBytes;
  }
}
