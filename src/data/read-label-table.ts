/** A table beside pictures: a column of file names, and what it says of them. */
import { isPictureFile } from './columns';
import type { Match, NamedFiles } from './named-files';
import { baseName, roleOf, type Role } from './paths';
import type { SideRow, SideTable } from './side/side-table';
import { mostColumns } from './tables/column-table';

export const labelTitles = /^(label|labels|class|target|y|category|breed|species|name|class_?name)$/i;

/** Titles of labels, the surer ones first. */
const likelyTitles = [
  labelTitles,
  /^(dx|diagnos[ie]s|choice|choices|annotation|class[_ ]?(id|label|index|idx)|label[_ ]?(id|index|idx|name)|category[_ ]?(id|name)|finding[_ ]?labels?|disease|emotion|variety|digit|grade|level|cls|common[_ ]?name|sentiment)$/i,
  /label|class|categor|species|breed|diagnos|type|style|genre/i,
];

export interface NamedRow {
  line: number;
  name: string;
  /** Of the columns beside that of the names; blank where there is nothing. */
  cells: string[];
  /** The split that the row states. */
  role: Role | null;
}

export interface NamedRows {
  /** Titles of all columns, joined; empty without a header. */
  titles: string;
  /** Titles of the columns beside those of names and splits; blank without a header. */
  columns: string[];
  /** Which of them is rather the label: it is titled so, or the next to the names. */
  label: number;
  /** Title of the column that states splits; blank without a header, null without such a column. */
  split: string | null;
  rows: NamedRow[];
}

/** Rows and columns that are looked at to find the names of files. */
const sampled = { rows: 300, columns: 64 };

/** What a table says of files; null where it names none. Rows without a name or without anything beside it are passed over. */
export function namedRows<T extends { path: string }>(
  table: SideTable,
  files: NamedFiles<T>,
): { rows: NamedRows; matches: { row: NamedRow; match: Match<T> }[] } | null {
  const file = fileColumn(table, files);
  if (file === null) return null;
  const [first] = table.rows;
  const isHeader = table.header === null && !names(first!.cells[file] ?? '', table, files);
  const header = table.header ?? (isHeader ? first!.cells : null);
  const body = isHeader ? table.rows.slice(1) : table.rows;
  const widest = Math.max(...table.rows.slice(0, sampled.rows).map(({ cells }) => cells.length));
  const width = Math.min(mostColumns, widest);
  const split = splitColumn(table, header, body, width, file);
  const kept = Array.from({ length: width }, (_, column) => column).filter(
    (column) => column !== file && column !== split?.column,
  );
  const rows = body.flatMap(({ line, cells }): NamedRow[] => {
    const name = cells[file] ?? '';
    const own = kept.map((column) => cells[column] ?? '');
    const role = split ? split.of(cells[split.column] ?? '') : null;
    return name === '' ? [] : [{ line, name, cells: own, role }];
  });
  const columns = kept.map((column) => header?.[column] ?? '');
  return {
    rows: {
      titles: header ? header.map((title) => title.toLowerCase()).join('\n') : '',
      columns,
      label: labelColumn(columns, rows, kept, file),
      split: split ? (header?.[split.column] ?? '') : null,
      rows,
    },
    matches: rows.map((row) => ({ row, match: files.find(table.path, row.name) })),
  };
}

function names<T extends { path: string }>(cell: string, { path }: SideTable, files: NamedFiles<T>): boolean {
  return isPictureFile(cell) || (cell !== '' && files.find(path, cell).kind !== 'none');
}

/** The column that names the most files; of equals the one that is titled so. */
function fileColumn<T extends { path: string }>(table: SideTable, files: NamedFiles<T>): number | null {
  const [first, ...others] = table.rows;
  if (!first) return null;
  const sample: readonly SideRow[] = others.length > 0 ? table.rows.slice(0, sampled.rows) : [first];
  const width = Math.min(sampled.columns, Math.max(...sample.map(({ cells }) => cells.length)));
  const hits = Array.from({ length: width }, (_, column) => {
    const found = new Set<string>();
    for (const { cells } of sample) {
      const cell = cells[column] ?? '';
      if (cell !== '' && files.find(table.path, cell).kind !== 'none') found.add(cell);
    }
    return found.size;
  });
  const most = Math.max(0, ...hits);
  if (most === 0) return null;
  const titles = table.header ?? first.cells;
  const titled = titles.findIndex((cell) => isPictureFile(cell) || /file|image|path|^id$/i.test(cell));
  const isLabelled = labelTitles.test(titles[0] ?? '');
  const likely = titled >= 0 ? titled : isLabelled ? 1 : 0;
  if ((hits[likely] ?? 0) >= 0.9 * most) return likely;
  const best = hits.indexOf(most);
  // Numbers of another column may happen to be names of files.
  return most >= sample.length / 2 || isPictureFile(others[0]?.cells[best] ?? '')
    ? best
    : hits[likely]! > 0
      ? likely
      : null;
}

/** The likely label: words rather than numbers among those of one kind of title. */
function labelColumn(
  columns: readonly string[],
  rows: readonly NamedRow[],
  kept: readonly number[],
  file: number,
): number {
  for (const titles of likelyTitles) {
    const found = [...columns.keys()].filter((column) => titles.test(lastWord(columns[column]!)));
    const areWords = (column: number) =>
      rows.slice(0, 100).some(({ cells }) => cells[column] !== '' && Number.isNaN(Number(cells[column])));
    if (found.length > 0) return found.find(areWords) ?? found[0]!;
  }
  const next = kept.findIndex((column) => column > file);
  const likely = file === 0 || next < 0 ? Math.max(0, next) : 0;
  if (!countsRows(rows, likely)) return likely;
  return [...columns.keys()].find((column) => !countsRows(rows, column)) ?? likely;
}

/** Whether a column only numbers the rows, as the first one of MXNet's lists does. */
function countsRows(rows: readonly NamedRow[], column: number): boolean {
  const values = rows.map(({ cells }) => cells[column] ?? '');
  return (
    rows.length > 2 && values.every((cell) => /^\d+$/.test(cell)) && new Set(values).size === rows.length
  );
}

/** Of the path of keys that a field of JSON has. */
function lastWord(title: string): string {
  return title.trim().replace(/^\S*\.(?=[^.\s]+$)/, '');
}

const splitTitle =
  /^(split|splits|set|subset|partition|fold|usage|part|phase|mode|data[_ ]?(set|split)|image[_ ]?set|eval[_ ]?status)$/i;
const trainTitle = /^(is[_ ]?)?train(ing)?([_ ]?(img|image|flag))?$|^is[_ ]?training([_ ]?image)?$/i;
const testTitle = /^is[_ ]?test(ing)?$/i;

/** A column that states splits, in words or by the numbers that are usual. */
function splitColumn(
  table: SideTable,
  header: readonly string[] | null,
  rows: readonly SideRow[],
  width: number,
  file: number,
): { column: number; of: (cell: string) => Role | null } | null {
  const numbers = ['train', 'validation', 'test'] as const;
  for (let column = 0; column < width; column++) {
    if (column === file) continue;
    const title = header?.[column] ?? '';
    const values = new Set(rows.map(({ cells }) => (cells[column] ?? '').toLowerCase()));
    values.delete('');
    if (values.size < 2 || values.size > 12) continue;
    const areBits = [...values].every((value) => /^(0|1|true|false)$/.test(value));
    const isOn = (cell: string) => /^(1|true)$/i.test(cell);
    if (splitTitle.test(title) && [...values].every((value) => roleOf(value) !== null))
      return { column, of: roleOf };
    if (trainTitle.test(title) && areBits)
      return { column, of: (cell) => (cell === '' ? null : isOn(cell) ? 'train' : 'test') };
    if (testTitle.test(title) && areBits)
      return { column, of: (cell) => (cell === '' ? null : isOn(cell) ? 'test' : 'train') };
    const place = header ? title : width === 2 ? baseName(table.path) : '';
    if (!header && /train.*test/i.test(place) && areBits)
      return { column, of: (cell) => (isOn(cell) ? 'train' : 'test') };
    if (
      /(^|[^a-z])(partition|split)s?([^a-z]|$)/i.test(place) &&
      [...values].every((value) => /^[012]$/.test(value))
    )
      return { column, of: (cell) => numbers[Number(cell)] ?? null };
  }
  return null;
}
