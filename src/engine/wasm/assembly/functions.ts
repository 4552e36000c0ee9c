/** Functions of single numbers, comparisons and softmax, over vectors. */
import {
  absolute,
  applyOne,
  exponential,
  logarithm,
  logarithmOfMore,
  logistic,
  negative,
  squareRoot,
  step,
} from './each';
import { exp4, power } from './maths';

/** y = f(x) for each number. @param low what a step function is where its argument is not positive */
export function apply(kind: i32, x: usize, y: usize, count: i32, low: f32): void {
  // A loop for each, so that none decides within.
  if (kind == exponential) applyOne(exponential, x, y, count, low);
  else if (kind == logarithm) applyOne(logarithm, x, y, count, low);
  else if (kind == logarithmOfMore) applyOne(logarithmOfMore, x, y, count, low);
  else if (kind == squareRoot) applyOne(squareRoot, x, y, count, low);
  else if (kind == negative) applyOne(negative, x, y, count, low);
  else if (kind == absolute) applyOne(absolute, x, y, count, low);
  else if (kind == logistic) applyOne(logistic, x, y, count, low);
  else if (kind == step) applyOne(step, x, y, count, low);
}

/** The numbers of `compare`'s relations, as `wasm/functions.ts` names them; the fourth asks whether a is finite. */
const equal: i32 = 0;
const greater: i32 = 1;
const greaterOrEqual: i32 = 2;

/** y = whether a number of a and one of b are so related, in bytes. @param aStep, bStep 1, or 0 for a single number */
export function compare(
  relation: i32,
  a: usize,
  b: usize,
  y: usize,
  count: i32,
  aStep: i32,
  bStep: i32,
): void {
  for (let n = 0; n < count; n++) {
    const left = load<f32>(a);
    const right = load<f32>(b);
    const holds =
      relation == equal
        ? left == right
        : relation == greater
          ? left > right
          : relation == greaterOrEqual
            ? left >= right
            : abs<f32>(left) < <f32>Infinity;
    store<u8>(y + n, holds ? 1 : 0);
    a += <usize>(aStep << 2);
    b += <usize>(bStep << 2);
  }
}

/** y = whether both hold, in bytes. @param aStep, bStep 1, or 0 for a single one */
export function both(a: usize, b: usize, y: usize, count: i32, aStep: i32, bStep: i32): void {
  for (let n = 0; n < count; n++) {
    store<u8>(y + n, load<u8>(a) & load<u8>(b));
    a += aStep;
    b += bStep;
  }
}

/** y = a number of a where the byte of `first` is 1, else one of b. */
export function choose(first: usize, a: usize, b: usize, y: usize, count: i32): void {
  for (let n = 0; n < count; n++) {
    store<f32>(y, load<f32>(load<u8>(first + n) ? a : b));
    a += 4;
    b += 4;
    y += 4;
  }
}

/** y = 1 where the byte of x is 1, else 0. */
export function fromBytes(x: usize, y: usize, count: i32): void {
  for (let n = 0; n < count; n++) store<f32>(y + ((<usize>n) << 2), load<u8>(x + n) ? 1 : 0);
}

/** y = value, for each number. */
export function fill(y: usize, value: f32, count: i32): void {
  const end = y + ((<usize>count) << 2);
  const values = f32x4.splat(value);
  for (; y + 16 <= end; y += 16) v128.store(y, values);
  for (; y < end; y += 4) store<f32>(y, value);
}

/** y = a to the power of b. @param aStep, bStep 1, or 0 for a single number */
export function powers(a: usize, b: usize, y: usize, count: i32, aStep: i32, bStep: i32): void {
  for (let n = 0; n < count; n++) {
    store<f32>(y, power(load<f32>(a), load<f32>(b)));
    a += <usize>(aStep << 2);
    b += <usize>(bStep << 2);
    y += 4;
  }
}

/** The largest of `columns` numbers; NaN where one is. */
function largest(x: usize, columns: i32): f32 {
  let most: f32 = -Infinity;
  let count = columns;
  if (count >= 4) {
    let four = v128.load(x);
    for (; count >= 4; count -= 4) {
      four = f32x4.max(four, v128.load(x));
      x += 16;
    }
    most = max<f32>(
      max<f32>(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)),
      max<f32>(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)),
    );
  }
  for (; count > 0; count--) {
    most = max<f32>(most, load<f32>(x));
    x += 4;
  }
  return most;
}

/** x [rows,columns] -> the largest of each row [rows] */
export function maxColumns(x: usize, y: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++) {
    store<f32>(y, largest(x, columns));
    x += (<usize>columns) << 2;
    y += 4;
  }
}

/** Softmax of each row of x [rows,columns]. */
export function softmaxRows(x: usize, y: usize, rows: i32, columns: i32): void {
  const pitch = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    const most = f32x4.splat(largest(x, columns));
    let sum: f32 = 0;
    let count = columns;
    let from = x;
    let to = y;
    for (; count >= 4; count -= 4) {
      const four = exp4(f32x4.sub(v128.load(from), most));
      v128.store(to, four);
      sum +=
        f32x4.extract_lane(four, 0) +
        f32x4.extract_lane(four, 1) +
        (f32x4.extract_lane(four, 2) + f32x4.extract_lane(four, 3));
      from += 16;
      to += 16;
    }
    for (; count > 0; count--) {
      const one = f32x4.extract_lane(exp4(f32x4.sub(v128.load32_splat(from), most)), 0);
      store<f32>(to, one);
      sum += one;
      from += 4;
      to += 4;
    }
    for (to = y; to < y + pitch; to += 4) store<f32>(to, load<f32>(to) / sum);
    x += pitch;
    y += pitch;
  }
}
