/** The columns of a table as vectors of numbers. */
import type { ImportContext } from '../import-context';
import { counted } from '../limits';
import { byCodePoint } from '../paths';
import type { ColumnReport } from '../import-report';
import type { TableColumn } from './table-column';

/** Most values of a category; a column with more texts is left out. */
export const mostCategories = 32;

/** Fewest rows in which different values mean that a column names its rows. */
const fewestForNames = 20;

export interface Features {
  names: string[];
  /** [rows.length, names.length] */
  values: Float32Array;
}

/** One number per row. */
interface Feature {
  name: string;
  valueAt: (row: number) => number;
}

/**
 * Numbers stay as they are in the file; texts become one column per value. A gap becomes the median of the training
 * rows, or no value at all, and a 1 in a column of its own.
 *
 * @param rows in the order of the result, training rows first
 * @param train how many of them are for training
 */
export function featuresOf(
  columns: readonly TableColumn[],
  rows: Int32Array,
  train: number,
  context: ImportContext,
): { features: Features; reports: ColumnReport[] } {
  const all: Feature[] = [];
  const reports: ColumnReport[] = [];
  for (const column of columns) {
    const { use, note, features } = encoded(column, rows, train);
    all.push(...features);
    reports.push({ name: column.name, use, note });
  }
  context.checkMemory(4 * rows.length * all.length);
  const values = new Float32Array(rows.length * all.length);
  for (const [k, { valueAt }] of all.entries())
    for (let i = 0; i < rows.length; i++) values[i * all.length + k] = valueAt(rows[i]!);
  return { features: { names: all.map(({ name }) => name), values }, reports };
}

interface Encoded extends Omit<ColumnReport, 'name'> {
  features: Feature[];
}

const leftOut = (note: string): Encoded => ({ use: 'left out', note, features: [] });

function encoded(column: TableColumn, rows: Int32Array, train: number): Encoded {
  const texts = new Set<string>();
  const values: number[] = [];
  let gaps = 0;
  for (const row of rows) {
    const value = column.numberAt(row);
    const text = column.textAt(row);
    if (!Number.isNaN(value)) values.push(value);
    else if (text === null) gaps++;
    else texts.add(text);
  }
  const filled = rows.length - gaps;
  const different = new Set(values);
  const words = filled - values.length;
  if (filled === 0) return leftOut('is empty');
  if (different.size + texts.size < 2 && gaps === 0) return leftOut('is the same in every row');
  if (words > 0.1 * filled) return category(column, [...texts, ...[...different].map(String)], filled, gaps);
  if (filled >= fewestForNames && different.size === filled && values.every(Number.isInteger))
    return leftOut('is another whole number in every row');
  return numbers(column, rows.subarray(0, train), gaps + words, words);
}

function category(column: TableColumn, values: readonly string[], filled: number, gaps: number): Encoded {
  if (column.hasManyTexts || values.length > mostCategories) {
    if (areDates(values))
      return leftOut('holds dates; give year, month or day a column of its own to use them');
    if (filled >= fewestForNames && values.length === filled) return leftOut('is another text in every row');
    const count = column.hasManyTexts ? 'more than 1,000' : counted(values.length);
    return leftOut(`has ${count} different texts; the limit is ${mostCategories}`);
  }
  if (filled >= fewestForNames && values.length === filled) return leftOut('is another text in every row');
  const features = [...values].sort(byCodePoint).map((value) => ({
    name: `${column.name} = ${value}`,
    valueAt: (row: number) => Number(column.textAt(row) === value),
  }));
  if (gaps > 0)
    features.push({
      name: `${column.name} is missing`,
      valueAt: (row) => Number(column.textAt(row) === null),
    });
  const note = `one column for each of ${counted(values.length)} values`;
  return { use: 'category', note: gaps > 0 ? `${note}, one for ${counted(gaps)} gaps` : note, features };
}

function areDates(values: readonly string[]): boolean {
  const date = /^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}([ T]\d{1,2}:\d{2}.*)?$/;
  return values.slice(0, 100).every((value) => date.test(value));
}

function numbers(column: TableColumn, training: Int32Array, gaps: number, words: number): Encoded {
  const { name } = column;
  const median = medianOf(column, training);
  const features: Feature[] = [
    {
      name,
      valueAt: (row) => {
        const value = column.numberAt(row);
        return Number.isNaN(value) ? median : value;
      },
    },
  ];
  if (gaps === 0) return { use: 'number', note: '', features };
  features.push({ name: `${name} is missing`, valueAt: (row) => Number(Number.isNaN(column.numberAt(row))) });
  const texts = words > 0 ? ` (${counted(words)} of them texts)` : '';
  return {
    use: 'number',
    note: `${counted(gaps)} gaps${texts} take the training median, ${Number(median.toPrecision(6))}, and are marked in a column of their own`,
    features,
  };
}

/** Of the filled cells; 0 without any. */
function medianOf(column: TableColumn, rows: Int32Array): number {
  const values = Float64Array.from(rows, (row) => column.numberAt(row))
    .filter((value) => !Number.isNaN(value))
    .sort();
  const middle = values.length >> 1;
  if (values.length === 0) return 0;
  return values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}
