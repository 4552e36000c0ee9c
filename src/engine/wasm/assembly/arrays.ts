/** Arithmetic between arrays of different shapes, moves of numbers and sums: what steps do in small between the layers. */
import { combineRows, larger, product, quotient, smaller, squaredDistance, subtraction, sum } from './each';

/**
 * y [rows,columns] from a and b, either of which may be repeated along rows, columns or both.
 * @param aRow, bRow numbers from one row to the next, 0 where they are repeated
 * @param aColumn, bColumn 1, or 0 where one number serves for all columns
 */
export function combine(
  operation: i32,
  a: usize,
  b: usize,
  y: usize,
  rows: i32,
  columns: i32,
  aRow: i32,
  aColumn: i32,
  bRow: i32,
  bColumn: i32,
): void {
  // A loop for each, so that none decides within.
  if (operation == sum) combineRows(sum, a, b, y, rows, columns, aRow, aColumn, bRow, bColumn);
  else if (operation == subtraction)
    combineRows(subtraction, a, b, y, rows, columns, aRow, aColumn, bRow, bColumn);
  else if (operation == product) combineRows(product, a, b, y, rows, columns, aRow, aColumn, bRow, bColumn);
  else if (operation == quotient) combineRows(quotient, a, b, y, rows, columns, aRow, aColumn, bRow, bColumn);
  else if (operation == squaredDistance)
    combineRows(squaredDistance, a, b, y, rows, columns, aRow, aColumn, bRow, bColumn);
  else if (operation == smaller) combineRows(smaller, a, b, y, rows, columns, aRow, aColumn, bRow, bColumn);
  else combineRows(larger, a, b, y, rows, columns, aRow, aColumn, bRow, bColumn);
}

/** Copies [rows,columns] numbers of 32 bits between arrays with longer rows, from and to a place in these. */
export function copyBlock(
  from: usize,
  to: usize,
  rows: i32,
  columns: i32,
  fromStart: i32,
  fromRow: i32,
  toStart: i32,
  toRow: i32,
): void {
  from += (<usize>fromStart) << 2;
  to += (<usize>toStart) << 2;
  const bytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    if (columns == 1) store<u32>(to, load<u32>(from));
    else memory.copy(to, from, bytes);
    from += (<usize>fromRow) << 2;
    to += (<usize>toRow) << 2;
  }
}

/**
 * Axes in another order, repeated or cut: y [n0,n1,n2,n3], numbers of 32 bits.
 * @param s0, s1, s2, s3 numbers from one to the next along each axis of y, in x
 * @param start the first one of x
 */
export function permute(
  x: usize,
  y: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
  start: i32,
): void {
  x += (<usize>start) << 2;
  const step = (<usize>s3) << 2;
  const bytes = (<usize>n3) << 2;
  for (let i = 0; i < n0; i++)
    for (let j = 0; j < n1; j++)
      for (let k = 0; k < n2; k++) {
        let from = x + ((<usize>(i * s0 + j * s1 + k * s2)) << 2);
        if (s3 == 1) {
          memory.copy(y, from, bytes);
          y += bytes;
        } else
          for (let n = 0; n < n3; n++) {
            store<u32>(y, load<u32>(from));
            from += step;
            y += 4;
          }
      }
}

/** Writes rows [count,columns] into y, each at its number. */
export function putRows(rows: usize, numbers: usize, y: usize, count: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let n = 0; n < count; n++) {
    memory.copy(y + <usize>load<u32>(numbers) * bytes, rows, bytes);
    numbers += 4;
    rows += bytes;
  }
}

/**
 * Products of small matrices, one after the other: y [batch,rows,columns].
 * @param aBatch, aRow, aInner numbers from one to the next in a, along each axis of the product; likewise for b
 */
export function batchProduct(
  a: usize,
  b: usize,
  y: usize,
  batch: i32,
  rows: i32,
  columns: i32,
  inner: i32,
  aBatch: i32,
  aRow: i32,
  aInner: i32,
  bBatch: i32,
  bInner: i32,
  bColumn: i32,
): void {
  const aStep = (<usize>aInner) << 2;
  const bStep = (<usize>bInner) << 2;
  const across = (<usize>bColumn) << 2;
  for (let n = 0; n < batch; n++) {
    let row = a;
    for (let r = 0; r < rows; r++) {
      let column = 0;
      if (bColumn == 1)
        for (; column + 4 <= columns; column += 4) {
          let p = row;
          let q = b + ((<usize>column) << 2);
          let sum = f32x4.splat(0);
          for (let i = 0; i < inner; i++) {
            sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(p), v128.load(q)));
            p += aStep;
            q += bStep;
          }
          v128.store(y, sum);
          y += 16;
        }
      for (; column < columns; column++) {
        let p = row;
        let q = b + <usize>column * across;
        let sum: f32 = 0;
        for (let i = 0; i < inner; i++) {
          sum += load<f32>(p) * load<f32>(q);
          p += aStep;
          q += bStep;
        }
        store<f32>(y, sum);
        y += 4;
      }
      row += (<usize>aRow) << 2;
    }
    a += (<usize>aBatch) << 2;
    b += (<usize>bBatch) << 2;
  }
}

/** x [rows,columns] -> sums over columns, divided [rows] */
export function sumColumns(x: usize, sums: usize, rows: i32, columns: i32, divisor: f32): void {
  for (let row = 0; row < rows; row++) {
    let four = f32x4.splat(0);
    let count = columns;
    for (; count >= 4; count -= 4) {
      four = f32x4.add(four, v128.load(x));
      x += 16;
    }
    let sum =
      f32x4.extract_lane(four, 0) +
      f32x4.extract_lane(four, 1) +
      (f32x4.extract_lane(four, 2) + f32x4.extract_lane(four, 3));
    for (; count > 0; count--) {
      sum += load<f32>(x);
      x += 4;
    }
    store<f32>(sums, sum / divisor);
    sums += 4;
  }
}
