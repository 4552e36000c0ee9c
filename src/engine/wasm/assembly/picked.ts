/** Products of vectors with rows of a table that are picked by number. */
import { rest, total } from './each';

/**
 * Products of each vector with its rows: y [batch,picks].
 * @param x [batch,width] @param table [rows,width] @param numbers [batch,picks] of rows
 */
export function pickedProducts(
  x: usize,
  table: usize,
  numbers: usize,
  y: usize,
  batch: i32,
  width: i32,
  picks: i32,
): void {
  const pitch = (<usize>width) << 2;
  for (let n = 0; n < batch; n++) {
    let pick = 0;
    // Four rows at a time: they come from far, and their loads overlap.
    for (; pick + 4 <= picks; pick += 4) {
      let p0 = table + <usize>load<u32>(numbers) * pitch;
      let p1 = table + <usize>load<u32>(numbers, 4) * pitch;
      let p2 = table + <usize>load<u32>(numbers, 8) * pitch;
      let p3 = table + <usize>load<u32>(numbers, 12) * pitch;
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      let s2 = f32x4.splat(0);
      let s3 = f32x4.splat(0);
      let q = x;
      const end = x + pitch;
      for (; q + 16 <= end; q += 16) {
        const v = v128.load(q);
        s0 = f32x4.add(s0, f32x4.mul(v, v128.load(p0)));
        s1 = f32x4.add(s1, f32x4.mul(v, v128.load(p1)));
        s2 = f32x4.add(s2, f32x4.mul(v, v128.load(p2)));
        s3 = f32x4.add(s3, f32x4.mul(v, v128.load(p3)));
        p0 += 16;
        p1 += 16;
        p2 += 16;
        p3 += 16;
      }
      const left = <i32>((end - q) >> 2);
      store<f32>(y, total(s0) + rest(q, p0, left));
      store<f32>(y, total(s1) + rest(q, p1, left), 4);
      store<f32>(y, total(s2) + rest(q, p2, left), 8);
      store<f32>(y, total(s3) + rest(q, p3, left), 12);
      numbers += 16;
      y += 16;
    }
    for (; pick < picks; pick++) {
      let p = table + <usize>load<u32>(numbers) * pitch;
      let sum = f32x4.splat(0);
      let q = x;
      const end = x + pitch;
      for (; q + 16 <= end; q += 16) {
        sum = f32x4.add(sum, f32x4.mul(v128.load(q), v128.load(p)));
        p += 16;
      }
      store<f32>(y, total(sum) + rest(q, p, <i32>((end - q) >> 2)));
      numbers += 4;
      y += 4;
    }
    x += pitch;
  }
}

/** The gradient of `pickedProducts` by x: dx [batch,width] = sums of the picked rows times dy [batch,picks]. */
export function pickedSums(
  dy: usize,
  table: usize,
  numbers: usize,
  dx: usize,
  batch: i32,
  width: i32,
  picks: i32,
): void {
  const pitch = (<usize>width) << 2;
  for (let n = 0; n < batch; n++) {
    memory.fill(dx, 0, pitch);
    let pick = 0;
    for (; pick + 4 <= picks; pick += 4) {
      let p0 = table + <usize>load<u32>(numbers) * pitch;
      let p1 = table + <usize>load<u32>(numbers, 4) * pitch;
      let p2 = table + <usize>load<u32>(numbers, 8) * pitch;
      let p3 = table + <usize>load<u32>(numbers, 12) * pitch;
      const f0 = v128.load32_splat(dy);
      const f1 = v128.load32_splat(dy, 4);
      const f2 = v128.load32_splat(dy, 8);
      const f3 = v128.load32_splat(dy, 12);
      let to = dx;
      const end = dx + pitch;
      for (; to + 16 <= end; to += 16) {
        const low = f32x4.add(f32x4.mul(f0, v128.load(p0)), f32x4.mul(f1, v128.load(p1)));
        const high = f32x4.add(f32x4.mul(f2, v128.load(p2)), f32x4.mul(f3, v128.load(p3)));
        v128.store(to, f32x4.add(v128.load(to), f32x4.add(low, high)));
        p0 += 16;
        p1 += 16;
        p2 += 16;
        p3 += 16;
      }
      for (; to < end; to += 4) {
        const low = load<f32>(dy) * load<f32>(p0) + load<f32>(dy, 4) * load<f32>(p1);
        const high = load<f32>(dy, 8) * load<f32>(p2) + load<f32>(dy, 12) * load<f32>(p3);
        store<f32>(to, load<f32>(to) + (low + high));
        p0 += 4;
        p1 += 4;
        p2 += 4;
        p3 += 4;
      }
      numbers += 16;
      dy += 16;
    }
    for (; pick < picks; pick++) {
      const from = table + <usize>load<u32>(numbers) * pitch;
      const factor = load<f32>(dy);
      for (let c: usize = 0; c < pitch; c += 4)
        store<f32>(dx + c, load<f32>(dx + c) + factor * load<f32>(from + c));
      numbers += 4;
      dy += 4;
    }
    dx += pitch;
  }
}
