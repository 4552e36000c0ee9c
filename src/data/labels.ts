/** Labels as files store them: numbers, texts, one-hot rows. */
import type { Labels } from './raw-dataset';
import { Refusal } from './import-context';
import type { Numbers } from './number-array';
import { largestNumber } from './tables/cells';

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
 * Labels of rows of numbers [count, width]: the class that each row of zeros marks with its only 1, or to which it
 * gives the largest of shares that sum to 1; several labels where rows of zeros and ones hold more or less than one 1;
 * else numbers. Throws a refusal when a number is not finite, or when all rows are the same.
 */
export function labelsFromRows(
  values: Numbers,
  count: number,
  width: number,
  strides: { row: number; column: number },
  where: string,
): Labels {
  const rows = Array.from({ length: count }, (_, n) =>
    Array.from({ length: width }, (_, k) => values.get(n * strides.row + k * strides.column)),
  );
  const ones = rows.map((row) => row.filter((value) => value === 1).length);
  if (rows.every((row) => row.every((value) => value === 0 || value === 1)))
    return ones.every((sum) => sum === 1)
      ? { kind: 'numbers', values: rows.map((row) => row.indexOf(1)), oneHot: width }
      : { kind: 'several', of: 'labels', width, values: rows };
  const areShares = rows.every(
    (row) =>
      row.every((value) => value >= 0) && Math.abs(row.reduce((sum, value) => sum + value, 0) - 1) < 1e-3,
  );
  if (areShares) return { kind: 'numbers', values: rows.map((row) => row.indexOf(Math.max(...row))) };
  const broken = rows.findIndex((row) => !row.every((value) => Math.abs(value) <= largestNumber));
  if (broken >= 0)
    throw new Refusal(
      `${where} has ${width} numbers for each image, and row ${broken + 1} has one that is missing, infinite or too large. Leave such images out.`,
    );
  if (rows.every((row) => row.every((value, k) => value === rows[0]![k])))
    throw new Refusal(
      `${where} has the same ${width} numbers for every image, so there is nothing to learn; they are not all 0 or 1, so they are no labels either.`,
    );
  return { kind: 'several', of: 'numbers', width, values: rows };
}
