/** Reads CSV, TSV and other separated texts as tables of columns. */
import type { ImportContext } from '../import-context';
import { counted, plural } from '../limits';
import { withoutSharedWords } from '../array-sets';
import { baseName, isSampleSubmission, roleOfPath, stem } from '../paths';
import { Unreadable, type Source } from '../source';
import { linesOf, rowsOf, separatorIn, type Row } from '../text-table';
import { cellOf, decimalMarkOf, isGap, numberIn, unitIn, unitOf, type DecimalMark } from './cells';
import { BadRows } from './bad-rows';
import { ColumnTable, distinctNames } from './column-table';

/** Rows that are read to determine header and decimal marks. */
const sampleRows = 500;

/**
 * Reads the files as one table, those for training first. The columns of a file are found by their names; files that
 * lack some are reported as left out.
 */
export async function readTextTable(
  sources: readonly [Source, ...Source[]],
  context: ImportContext,
): Promise<ColumnTable> {
  const forms = sources.filter(({ path }) => isSampleSubmission(path));
  const meant = forms.length < sources.length ? sources.filter((source) => !forms.includes(source)) : sources;
  for (const { where } of forms.length < sources.length ? forms : [])
    context.skip(where, 'is a sample submission by its name');
  const chosen = await chosenTables(meant, context);
  const [first, ...others] = [...chosen].sort((a, b) => rankOf(a) - rankOf(b)) as [Source, ...Source[]];
  const head = await headOf(first, context);
  const table = new ColumnTable(first.where, head.titles, context, head.hasHeader, head.units);
  await addRows(table, first, head, null, context);
  for (const source of others) {
    const own = await headOf(source, context);
    const names = distinctNames(own.titles);
    const order = orderOf(table.names, names);
    // Numbers with another sign than those of the first file, or with none, are not comparable with them.
    const units = names.map((name) => table.columns.find((column) => column.name === name)?.unit ?? '');
    if (typeof order === 'string') context.skip(source.where, `${order}, which ${first.where} has`);
    else await addRows(table, source, { ...own, units }, order, context);
  }
  return table;
}

/** Above this share of rows that another table has too, a table is another version of it. */
const mostShared = 0.5;

/**
 * The tables to read: all, or the one that the user chose where several of one split are not merely counted. Asked with the
 * rows of each; tables that share their rows are not joined unless the user says so.
 */
async function chosenTables(sources: readonly Source[], context: ImportContext): Promise<readonly Source[]> {
  const roles = new Set(sources.map(({ path }) => roleOfPath(path)));
  if (sources.length < 2 || roles.size > 1) return sources;
  const names = withoutSharedWords(
    sources.map(({ path }) =>
      stem(path)
        .split(/[^\p{L}\d]+/u)
        .join(' '),
    ),
  );
  if (names.every((name) => /^(\p{L}|\p{L}*\s?\d+)$/u.test(name))) return sources;
  const rows: Set<string>[] = [];
  for (const source of sources) {
    const own = new Set<string>();
    for await (const line of linesOf(source, context)) {
      if (line.trim() !== '') own.add(line.trim());
    }
    rows.push(own);
  }
  const areAlike = rows.some((own, i) =>
    rows.some(
      (other, k) => i !== k && [...own].filter((line) => other.has(line)).length > mostShared * own.size,
    ),
  );
  const options = sources.map(({ path }, i) => ({
    value: String(i + 1),
    text: `${baseName(path)}: ${plural(rows[i]!.size, 'different line')}`,
  }));
  const all = { value: 'all', text: 'all together' };
  const choice = context.pick('set', 'Tables to read', [all, ...options], areAlike ? '1' : 'all', true);
  if (choice === 'all') {
    context.warn(
      `${plural(sources.length, 'table')} were joined: ${sources.map(({ path }) => baseName(path)).join(', ')}.`,
    );
    return sources;
  }
  const taken = sources[Number(choice) - 1]!;
  for (const source of sources) {
    if (source === taken) continue;
    context.skip(
      source.where,
      areAlike ? `is not read beside ${taken.where}, whose rows it has too` : 'was not chosen',
    );
  }
  return [taken];
}

/** The file whose columns count comes first. */
function rankOf({ path }: Source): number {
  return ['train', null, 'validation', 'test'].indexOf(roleOfPath(path));
}

/** Where each of the columns is in another file, or what that file lacks. */
function orderOf(names: readonly string[], others: readonly string[]): number[] | string {
  const missing = names.find((name) => !others.includes(name));
  if (missing !== undefined) return `has no column “${missing}”`;
  return names.map((name) => others.indexOf(name));
}

interface Head {
  separator: string;
  /** Blank where there is no header. */
  titles: string[];
  hasHeader: boolean;
  /** Per column. */
  marks: DecimalMark[];
  units: string[];
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
  const below = hasHeader ? rows : sample;
  const units = Array.from({ length: width }, (_, column) => unitOf(below.map((row) => row[column] ?? '')));
  return {
    separator,
    hasHeader,
    titles: Array.from({ length: width }, (_, column) => (hasHeader ? (titles[column] ?? '') : '')),
    marks: marksOf(below, width, separator),
    units,
  };
}

function usualWidth(sample: readonly string[][]): number {
  const tally = new Map<number, number>();
  for (const { length } of sample) tally.set(length, (tally.get(length) ?? 0) + 1);
  return [...tally].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

const isNumber = (cell: string) => !Number.isNaN(numberIn(unitIn(cell)?.number ?? cell, 'point'));

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
  { separator, titles, hasHeader, marks, units }: Head,
  order: readonly number[] | null,
  context: ImportContext,
): Promise<void> {
  context.progress(`Reading ${source.path}`);
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
      const cells = row.cells.map((cell, column) => cellOf(cell, marks[column]!, units[column]));
      table.add(order ? order.map((column) => cells[column]!) : cells);
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
