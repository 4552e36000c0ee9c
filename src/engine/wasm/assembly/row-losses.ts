/** Losses of an image over its classes, and their gradients, four images at a time. Sums run in order. */
import { gather, scatter } from './each';
import { exp4, log4 } from './maths';

/** Distances in bytes from the first of four rows to the second, third and fourth; where there are fewer, the last is repeated. */
let second: usize = 0;
let third: usize = 0;
let fourth: usize = 0;

/** Sets the distances for what is left of a batch. @returns how many rows there are */
function lay(images: i32, pitch: usize): i32 {
  second = images > 1 ? pitch : 0;
  third = images > 2 ? 2 * pitch : second;
  fourth = images > 3 ? 3 * pitch : third;
  return min(images, 4);
}

/** The largest number of each row. */
function topOf(rows: usize, pitch: usize): v128 {
  let top = gather(rows, second, third, fourth);
  for (let at: usize = 4; at < pitch; at += 4) top = f32x4.max(top, gather(rows + at, second, third, fourth));
  return top;
}

/** Sum of exp((x - top) / temperature) over each row. */
function totalOf(rows: usize, pitch: usize, top: v128, temperature: v128): v128 {
  let total = f32x4.splat(0);
  for (let at: usize = 0; at < pitch; at += 4)
    total = f32x4.add(
      total,
      exp4(f32x4.div(f32x4.sub(gather(rows + at, second, third, fourth), top), temperature)),
    );
  return total;
}

/** logits, labels [B,C] -> [B] */
export function crossEntropy(logits: usize, labels: usize, losses: usize, batch: i32, classes: i32): void {
  const pitch = (<usize>classes) << 2;
  for (let image = 0; image < batch; image += 4) {
    const count = lay(batch - image, pitch);
    const top = topOf(logits, pitch);
    const shift = log4(totalOf(logits, pitch, top, f32x4.splat(1)));
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < pitch; at += 4) {
      const label = gather(labels + at, second, third, fourth);
      const logit = gather(logits + at, second, third, fourth);
      sum = f32x4.add(sum, f32x4.mul(label, f32x4.sub(shift, f32x4.sub(logit, top))));
    }
    scatter(losses, sum, 4, count);
    losses += 16;
    logits += 4 * pitch;
    labels += 4 * pitch;
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
  for (let image = 0; image < batch; image += 4) {
    const slope = slopesOf(dy, batch - image);
    const count = lay(batch - image, pitch);
    const top = topOf(logits, pitch);
    const total = totalOf(logits, pitch, top, f32x4.splat(1));
    let labelled = f32x4.splat(0);
    for (let at: usize = 0; at < pitch; at += 4)
      labelled = f32x4.add(labelled, gather(labels + at, second, third, fourth));
    for (let at: usize = 0; at < pitch; at += 4) {
      const q = f32x4.div(exp4(f32x4.sub(gather(logits + at, second, third, fourth), top)), total);
      const label = gather(labels + at, second, third, fourth);
      scatter(dx + at, f32x4.mul(slope, f32x4.sub(f32x4.mul(q, labelled), label)), pitch, count);
    }
    dy += 16;
    logits += 4 * pitch;
    labels += 4 * pitch;
    dx += 4 * pitch;
  }
}

/** Up to four slopes that follow each other. */
function slopesOf(dy: usize, images: i32): v128 {
  lay(images, 4);
  return gather(dy, second, third, fourth);
}

/** Below this |log(p / q)| the terms of a divergence are a series: see engine/divergence.ts. */
const seriesBound: f32 = 0.25;

/** p log(p / q) - p + q, where r = log(p / q). */
function divergence(p: v128, q: v128, r: v128): v128 {
  const inner = f32x4.sub(
    f32x4.splat(<f32>(1.0 / 24.0)),
    f32x4.mul(r, f32x4.sub(f32x4.splat(<f32>(1.0 / 120.0)), f32x4.mul(r, f32x4.splat(<f32>(1.0 / 720.0))))),
  );
  const outer = f32x4.sub(
    f32x4.splat(0.5),
    f32x4.mul(r, f32x4.sub(f32x4.splat(<f32>(1.0 / 6.0)), f32x4.mul(r, inner))),
  );
  const series = f32x4.mul(f32x4.mul(f32x4.mul(p, r), r), outer);
  const plain = f32x4.add(f32x4.mul(p, r), f32x4.sub(q, p));
  return v128.bitselect(series, plain, f32x4.lt(f32x4.abs(r), f32x4.splat(seriesBound)));
}

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
  const t = v128.load32_splat(temperature);
  for (let image = 0; image < batch; image += 4) {
    const count = lay(batch - image, pitch);
    const topQ = topOf(student, pitch);
    const topP = topOf(teacher, pitch);
    const totalQ = totalOf(student, pitch, topQ, t);
    const totalP = totalOf(teacher, pitch, topP, t);
    const shift = f32x4.sub(log4(totalQ), log4(totalP));
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < pitch; at += 4) {
      const logQ = f32x4.div(f32x4.sub(gather(student + at, second, third, fourth), topQ), t);
      const logP = f32x4.div(f32x4.sub(gather(teacher + at, second, third, fourth), topP), t);
      const p = f32x4.div(exp4(logP), totalP);
      const q = f32x4.div(exp4(logQ), totalQ);
      sum = f32x4.add(sum, divergence(p, q, f32x4.add(f32x4.sub(logP, logQ), shift)));
    }
    scatter(losses, f32x4.mul(f32x4.mul(sum, t), t), 4, count);
    losses += 16;
    student += 4 * pitch;
    teacher += 4 * pitch;
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
  const t = v128.load32_splat(temperature);
  for (let image = 0; image < batch; image += 4) {
    const slope = f32x4.mul(slopesOf(dy, batch - image), t);
    const count = lay(batch - image, pitch);
    const topQ = topOf(student, pitch);
    const topP = topOf(teacher, pitch);
    const totalQ = totalOf(student, pitch, topQ, t);
    const totalP = totalOf(teacher, pitch, topP, t);
    for (let at: usize = 0; at < pitch; at += 4) {
      const logQ = f32x4.div(f32x4.sub(gather(student + at, second, third, fourth), topQ), t);
      const logP = f32x4.div(f32x4.sub(gather(teacher + at, second, third, fourth), topP), t);
      const change = f32x4.sub(f32x4.div(exp4(logQ), totalQ), f32x4.div(exp4(logP), totalP));
      scatter(dx + at, f32x4.mul(slope, change), pitch, count);
    }
    dy += 16;
    student += 4 * pitch;
    teacher += 4 * pitch;
    dx += 4 * pitch;
  }
}
