/** The columns of a table as vectors of numbers. */
import type { FileColumn } from '../dataset';
import type { ImportContext } from '../import-context';
import { counted } from '../limits';
import { byCodePoint } from '../paths';
import { namesOfColumn, putCell } from './encode-row';
import type { TableColumn } from './table-column';

/** Most values of a category; a column with more texts is left out. */
export const mostCategories = 32;

/** Fewest rows in which different values mean that a column names its rows. */
const fewestForNames = 20;

export interface Features {
  columns: FileColumn[];
  names: string[];
  /** [rows.length, names.length] */
  values: Float32Array;
}

/**
 * Numbers stay as they are in the file; texts become one column per value. A gap becomes the median of the training
 * rows, or no value at all, and a 1 in a column of its own.
 *
 * @param rows in the order of the result, training rows first
 * @param train how many of them are for training
 * @returns the features, and per column a note such as how many gaps it has; '' for none
 */
export function featuresOf(
  sources: readonly TableColumn[],
  rows: Int32Array,
  train: number,
  context: ImportContext,
): { features: Features; notes: string[] } {
  const found = sources.map((column) => encoded(column, rows, train));
  const columns = found.map(({ column }) => column);
  const widths = columns.map((column) => namesOfColumn(column).length);
  const width = widths.reduce((sum, own) => sum + own, 0);
  context.checkMemory(4 * rows.length * width);
  const values = new Float32Array(rows.length * width);
  let at = 0;
  for (const [k, column] of columns.entries()) {
    for (let i = 0; i < rows.length; i++) {
      const cell = cellAt(sources[k]!, rows[i]!);
      putCell(column, cell, values.subarray(i * width + at, i * width + at + widths[k]!));
    }
    at += widths[k]!;
  }
  const names = columns.flatMap(namesOfColumn);
  return { features: { columns, names, values }, notes: found.map(({ note }) => note) };
}

function cellAt(column: TableColumn, row: number): number | string | null {
  const value = column.numberAt(row);
  return Number.isNaN(value) ? column.textAt(row) : value;
}

interface Encoded {
  column: FileColumn;
  note: string;
}

function leftOut({ name }: TableColumn, why: string): Encoded {
  return { column: { name, use: 'left out', why }, note: why };
}

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
  if (filled === 0) return leftOut(column, 'is empty');
  if (different.size + texts.size < 2 && gaps === 0) return leftOut(column, 'is the same in every row');
  if (words > 0.1 * filled) return category(column, [...texts, ...[...different].map(String)], filled, gaps);
  const mayBeNames = column.unit === '' && filled >= fewestForNames;
  if (mayBeNames && different.size === filled && values.every(Number.isInteger))
    return leftOut(column, 'is another whole number in every row');
  return numbers(column, rows.subarray(0, train), gaps + words, words);
}

function category(column: TableColumn, values: readonly string[], filled: number, gaps: number): Encoded {
  if (column.hasManyTexts || values.length > mostCategories) {
    if (areDates(values))
      return leftOut(column, 'holds dates; give year, month or day a column of its own to use them');
    if (filled >= fewestForNames && values.length === filled)
      return leftOut(column, 'is another text in every row');
    const count = column.hasManyTexts ? 'more than 1,000' : counted(values.length);
    return leftOut(column, `has ${count} different texts; the limit is ${mostCategories}`);
  }
  if (filled >= fewestForNames && values.length === filled)
    return leftOut(column, 'is another text in every row');
  const note = `one column for each of ${counted(values.length)} values`;
  return {
    column: {
      name: column.name,
      use: 'category',
      values: [...values].sort(byCodePoint),
      gaps: gaps > 0,
    },
    note: gaps > 0 ? `${note}, one for ${counted(gaps)} gaps` : note,
  };
}

function areDates(values: readonly string[]): boolean {
  const date = /^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}([ T]\d{1,2}:\d{2}.*)?$/;
  return values.slice(0, 100).every((value) => date.test(value));
}

function numbers(column: TableColumn, training: Int32Array, gaps: number, words: number): Encoded {
  const { name, unit } = column;
  const own = { name, use: 'number' as const, ...(unit === '' ? {} : { unit }) };
  const inUnit = unit === '' ? '' : `numbers in ${unit}`;
  if (gaps === 0) return { column: { ...own, median: null }, note: inUnit };
  const median = medianOf(column, training);
  const texts = words > 0 ? ` (${counted(words)} of them texts)` : '';
  return {
    column: { ...own, median },
    note: `${inUnit && `${inUnit}; `}${counted(gaps)} gaps${texts} take the training median, ${Number(median.toPrecision(6))}, and are marked in a column of their own`,
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
