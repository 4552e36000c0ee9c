/** Labels as files store them: numbers, texts, one-hot rows. */
import type { Labels, SeveralLabels } from './raw-dataset';
import { Refusal } from './import-context';
import type { Numbers } from './number-array';

/** Texts that are all numeric become numbers; `classesOf` checks that they are whole. */
export function labelsFromTexts(texts: string[]): Labels {
  const trimmed = texts.map((text) => text.trim().normalize('NFC'));
  const numbers = trimmed.map((text) => (text === '' ? NaN : Number(text)));
  return numbers.every(Number.isFinite)
    ? { kind: 'numbers', values: numbers }
    : { kind: 'texts', values: trimmed };
}

/** One label per image, as it is. */
export function labelsFromNumbers(values: Numbers, count: number): Labels {
  return { kind: 'numbers', values: Float64Array.from({ length: count }, (_, i) => values.get(i)) };
}

/**
 * The class with the largest value in each row of [count, classes]; several labels where rows of zeros and ones hold
 * more or less than one 1. Throws a refusal when a row does neither.
 */
export function labelsFromOneHot(
  values: Numbers,
  count: number,
  classes: number,
  strides: { row: number; column: number },
  where: string,
): Labels {
  const at = (n: number, k: number) => values.get(n * strides.row + k * strides.column);
  const several = severalLabels(at, count, classes);
  if (several) return several;
  const labels = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    let sum = 0;
    let best = 0;
    for (let k = 0; k < classes; k++) {
      sum += at(n, k);
      if (at(n, k) > at(n, best)) best = k;
    }
    if (!(Math.abs(sum - 1) < 1e-3))
      throw new Refusal(
        `${where} has ${classes} numbers for each image, but row ${n + 1} does not sum to 1, so they are not one-hot labels, and they are not all 0 or 1, so they are not several labels. Save one class number for each image.`,
      );
    labels[n] = best;
  }
  return { kind: 'numbers', values: labels };
}

/** Rows of zeros and ones of which some do not have exactly one 1; null for anything else. */
function severalLabels(
  at: (n: number, k: number) => number,
  count: number,
  width: number,
): SeveralLabels | null {
  const rows: Uint8Array[] = [];
  let isOneHot = true;
  for (let n = 0; n < count; n++) {
    const row = new Uint8Array(width);
    let ones = 0;
    for (let k = 0; k < width; k++) {
      const value = at(n, k);
      if (value !== 0 && value !== 1) return null;
      row[k] = value;
      ones += value;
    }
    if (ones !== 1) isOneHot = false;
    rows.push(row);
  }
  return isOneHot ? null : { kind: 'several', of: 'labels', width, values: rows };
}
