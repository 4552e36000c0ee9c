/** Labels as files store them: numbers, texts, one-hot rows. */
import type { Labels } from './raw-dataset';
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
 * The class with the largest value in each row of [count, classes]. Throws a refusal when a row does not sum to 1.
 */
export function labelsFromOneHot(
  values: Numbers,
  count: number,
  classes: number,
  strides: { row: number; column: number },
  where: string,
): Labels {
  const labels = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    let sum = 0;
    let best = 0;
    const at = (k: number) => values.get(n * strides.row + k * strides.column);
    for (let k = 0; k < classes; k++) {
      sum += at(k);
      if (at(k) > at(best)) best = k;
    }
    if (!(Math.abs(sum - 1) < 1e-3))
      throw new Refusal(
        `${where} has ${classes} numbers for each image, but row ${n + 1} does not sum to 1, so they are not one-hot labels. Save one class number for each image.`,
      );
    labels[n] = best;
  }
  return { kind: 'numbers', values: labels };
}
