/** Reads CSV, TSV and other separated texts as tables of columns. */
import type { ImportContext } from '../import-context';
import { counted, plural } from '../limits';
import { roleOfPath } from '../paths';
import { Unreadable, type Source } from '../source';
import { rowsOf, separatorIn, type Row } from '../text-table';
import { decimalMarkOf, isGap, longestText, numberIn, type DecimalMark } from './cells';
import { BadRows } from './bad-rows';
import { ColumnTable, distinctNames } from './column-table';

/** Rows that are read to determine header and decimal marks. */
const sampleRows = 500;

/** Reads the files as one table; files with other columns than the first are reported as left out. */
export async function readTextTable(
  sources: readonly [Source, ...Source[]],
  context: ImportContext,
): Promise<ColumnTable> {
  const first = await headOf(sources[0], context);
  const table = new ColumnTable(sources[0].where, first.titles, context, first.hasHeader);
  for (const source of sources) {
    context.progress(`Reading ${source.path}`);
    const head = source === sources[0] ? first : await headOf(source, context);
    if (distinctNames(head.titles).join('\n') === table.names.join('\n'))
      await addRows(table, source, head, context);
    else context.skip(source.where, `has other columns than ${sources[0].where}`);
  }
  return table;
}

interface Head {
  separator: string;
  /** Blank where there is no header. */
  titles: string[];
  hasHeader: boolean;
  /** Per column. */
  marks: DecimalMark[];
}

async function headOf(source: Source, context: ImportContext): Promise<Head> {
  const separator = await separatorIn(source);
  if (separator === null) throw new Unreadable('is no table');
  const sample: string[][] = [];
  for await (const { cells } of rowsOf(source, separator, context)) {
    sample.push(cells);
    if (sample.length === sampleRows) break;
  }
  const width = usualWidth(sample);
  const [top = []] = sample;
  const rows = sample.slice(1).filter(({ length }) => length === width);
  // R leaves out the title of the row names.
  const titles = top.length === width - 1 ? ['', ...top] : top;
  const hasHeader = isHeader(titles, rows);
  const marks = marksOf(hasHeader ? rows : sample, width, separator);
  return {
    separator,
    hasHeader,
    titles: Array.from({ length: width }, (_, column) => (hasHeader ? (titles[column] ?? '') : '')),
    marks,
  };
}

function usualWidth(sample: readonly string[][]): number {
  const tally = new Map<number, number>();
  for (const { length } of sample) tally.set(length, (tally.get(length) ?? 0) + 1);
  return [...tally].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

const isNumber = (cell: string) => !Number.isNaN(numberIn(cell, 'point'));

/**
 * Whether the first row names the columns: a word above numbers, or words that do not occur below them and no
 * number.
 */
export function isHeader(first: readonly string[], rows: readonly (readonly string[])[]): boolean {
  const columns = first.map((title, column) => {
    const cells = rows.map((row) => row[column] ?? '').filter((cell) => !isGap(cell));
    const numbers = cells.filter(isNumber).length;
    return { title: title.trim(), cells, isOfNumbers: cells.length > 0 && numbers > cells.length / 2 };
  });
  if (
    columns.some(({ title, isOfNumbers }) => isOfNumbers && title !== '' && !isGap(title) && !isNumber(title))
  )
    return true;
  if (columns.some(({ title, isOfNumbers }) => isOfNumbers && isNumber(title))) return false;
  const words = columns.filter(({ title }) => title !== '');
  const isNew = words.filter(({ title, cells }) => !cells.some((cell) => cell.trim() === title));
  return words.length > 0 && isNew.length > words.length / 2;
}

function marksOf(rows: readonly (readonly string[])[], width: number, separator: string): DecimalMark[] {
  const found = Array.from({ length: width }, (_, column) =>
    decimalMarkOf(rows.map((row) => row[column] ?? '')),
  );
  const usual = separator === ',' || found.includes('point') ? 'point' : 'comma';
  return found.map((mark) => mark ?? (found.includes('comma') ? 'comma' : usual));
}

async function addRows(
  table: ColumnTable,
  source: Source,
  { separator, titles, hasHeader, marks }: Head,
  context: ImportContext,
): Promise<void> {
  const { length: width } = titles;
  const bad = new BadRows(source.where, context);
  let isFirst = true;
  table.beginPart(roleOfPath(source.path));
  for await (const row of rowsOf(source, separator, context)) {
    const isTitles = isFirst && hasHeader;
    isFirst = false;
    if (isTitles) continue;
    const why = problemOf(row, width);
    if (why) bad.add(row.line, why);
    else {
      table.add(row.cells.map((cell, column) => cellOf(cell, marks[column]!)));
      bad.countGood();
    }
  }
  bad.report();
}

function problemOf({ cells }: Row, width: number): string | null {
  return cells.length === width
    ? null
    : `has ${plural(cells.length, 'cell')} where others have ${counted(width)}`;
}

/** A cell as number, text or gap. */
export function cellOf(cell: string, mark: DecimalMark): number | string | null {
  if (isGap(cell)) return null;
  const value = numberIn(cell, mark);
  if (!Number.isNaN(value)) return value;
  return cell.trim().normalize('NFC').slice(0, longestText);
}
