/** Metrics of predictions, on plain arrays. `logits` are row-major [N*C]. */

/** Index of the largest logit per row; the first of equal ones. */
export function predictions(logits: Float32Array, classes: number): Int32Array {
  const rows = new Int32Array(logits.length / classes);
  for (let row = 0; row < rows.length; row++) {
    let best = 0;
    for (let c = 1; c < classes; c++)
      if (logits[row * classes + c]! > logits[row * classes + best]!) best = c;
    rows[row] = best;
  }
  return rows;
}

/** Top-1 accuracy, 0..1; 0 for no rows. */
export function accuracy(logits: Float32Array, labels: ArrayLike<number>, classes: number): number {
  const predicted = predictions(logits, classes);
  let right = 0;
  predicted.forEach((label, row) => (right += label === labels[row] ? 1 : 0));
  return predicted.length === 0 ? 0 : right / predicted.length;
}

/** Counts of (true class, predicted class), row-major [C*C]. */
export function confusion(logits: Float32Array, labels: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes * classes).fill(0);
  predictions(logits, classes).forEach((label, row) => (counts[labels[row]! * classes + label]! += 1));
  return counts;
}

/** Accuracy per true class, [C]; 0 for a class without rows. */
export function perClassAccuracy(counts: readonly number[], classes: number): number[] {
  return Array.from({ length: classes }, (_, c) => {
    const row = counts.slice(c * classes, (c + 1) * classes);
    const total = row.reduce((sum, count) => sum + count, 0);
    return total === 0 ? 0 : row[c]! / total;
  });
}

/** Class probabilities per row, [N*C]. */
export function softmax(logits: Float32Array, classes: number, temperature = 1): Float32Array {
  const probabilities = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    const highest = highestOf(logits, start, classes);
    let sum = 0;
    for (let i = start; i < start + classes; i++) {
      probabilities[i] = Math.exp((logits[i]! - highest) / temperature);
      sum += probabilities[i]!;
    }
    for (let i = start; i < start + classes; i++) probabilities[i]! /= sum;
  }
  return probabilities;
}

/** Mean cross-entropy of the rows. */
export function meanCrossEntropy(logits: Float32Array, labels: ArrayLike<number>, classes: number): number {
  const rows = logits.length / classes;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * classes;
    const highest = highestOf(logits, start, classes);
    sum += Math.log(partitionOf(logits, start, classes, highest)) + highest - logits[start + labels[row]!]!;
  }
  return rows === 0 ? 0 : sum / rows;
}

// An array for each row of an evaluation would be a hundred thousand in a short run, which other threads then clear away.

/** Largest logit of the row that begins at `start`; NaN where one of them is. */
function highestOf(logits: Float32Array, start: number, classes: number): number {
  let highest = -Infinity;
  for (let i = start; i < start + classes; i++) highest = Math.max(highest, logits[i]!);
  return highest;
}

/** Sum of the powers of e of a row's logits, each less the row's highest. */
function partitionOf(logits: Float32Array, start: number, classes: number, highest: number): number {
  let partition = 0;
  for (let i = start; i < start + classes; i++) partition += Math.exp(logits[i]! - highest);
  return partition;
}

/** What a row's logits are larger than the logarithms of its class probabilities. */
function shiftOf(logits: Float32Array, start: number, classes: number): number {
  const highest = highestOf(logits, start, classes);
  return highest + Math.log(partitionOf(logits, start, classes, highest));
}

/** Probability of the predicted class per row, [N]. */
export function confidences(logits: Float32Array, classes: number): Float64Array {
  const rows = new Float64Array(logits.length / classes);
  for (let row = 0; row < rows.length; row++) {
    const start = row * classes;
    rows[row] = Math.exp(highestOf(logits, start, classes) - shiftOf(logits, start, classes));
  }
  return rows;
}

/** KL(teacher || student) of each row at temperature 1, in nats, [N]. @param teacher [N*C], as are the student's logits */
export function divergences(teacher: Float32Array, student: Float32Array, classes: number): Float64Array {
  const rows = new Float64Array(student.length / classes);
  for (let row = 0; row < rows.length; row++) {
    const start = row * classes;
    const ofTeacher = shiftOf(teacher, start, classes);
    const ofStudent = shiftOf(student, start, classes);
    for (let i = start; i < start + classes; i++) {
      const log = teacher[i]! - ofTeacher;
      rows[row]! += Math.exp(log) * (log - (student[i]! - ofStudent));
    }
  }
  return rows;
}

/** 1 where two networks predict the same class, else 0, [N]. @param logits [N*C] each */
export function agreements(first: Float32Array, second: Float32Array, classes: number): Float64Array {
  const others = predictions(second, classes);
  return Float64Array.from(predictions(first, classes), (label, row) => (label === others[row] ? 1 : 0));
}

/** Mean of the values of each group, [groups]; NaN for a group without rows. @param of [N] group of each row; others are left out */
export function groupMeans(values: ArrayLike<number>, of: ArrayLike<number>, groups: number): number[] {
  const [sums, counts] = [new Array<number>(groups).fill(0), new Array<number>(groups).fill(0)];
  for (let row = 0; row < values.length; row++) {
    const group = of[row]!;
    if (group < 0 || group >= groups) continue;
    sums[group]! += values[row]!;
    counts[group]! += 1;
  }
  return sums.map((sum, group) => sum / counts[group]!);
}
