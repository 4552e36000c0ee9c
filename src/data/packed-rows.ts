/** Tables with all pixels of an image in one cell, as FER2013 has them: "70 80 82 ..." beside labels and a split. */
import type { ImageArray } from './arrays';
import { CellStore } from './cell-store';
import { columnsOf } from './columns';
import { Refusal, type ImportContext } from './import-context';
import { labelsFromTexts } from './labels';
import type { Labels } from './raw-dataset';
import { flatLayout } from './layout';
import { counted, plural } from './limits';
import { soleRole } from './named-files';
import { roleOfPath, type Role } from './paths';
import type { Source } from './source';
import { rowsOf } from './text-table';

/** Fewest pixels of an image, 4x4. */
const fewestPixels = 16;

/** More columns than a table of packed images has. */
const mostBeside = 64;

/** Above this share of bad rows the table is refused. */
const badShare = 0.05;

/** The numbers in a cell, separated by blanks, commas or semicolons, with or without brackets; null for another cell. */
export function numbersIn(cell: string): number[] | null {
  const parts = cell
    .replace(/[[\]]/g, ' ')
    .trim()
    .split(/[\s,;]+/);
  if (parts.length < fewestPixels) return null;
  const numbers = parts.map((part) => (part === '' ? NaN : Number(part)));
  return numbers.every(Number.isFinite) ? numbers : null;
}

/** The column with the pixels of an image in half of its cells or more, from 0; -1 where there is none. */
export function packedColumn(sample: readonly string[][]): number {
  const width = Math.max(0, ...sample.slice(0, 2).map(({ length }) => length));
  // Wide tables have a column for each pixel.
  if (width > mostBeside) return -1;
  for (let column = 0; column < width; column++) {
    const packed = sample.filter((row) => numbersIn(row[column] ?? '') !== null).length;
    if (packed > 0 && packed >= (sample.length - 1) / 2) return column;
  }
  return -1;
}

interface PackedColumns {
  pixels: number;
  /** One, or several of numbers. */
  labels: number[];
  titles: string[];
  /** Null where no column states a split. */
  split: number | null;
}

/**
 * Reads a table of packed images, one array for each split that a column states. Rows that are damaged are reported as
 * left out. Throws a refusal when more than a twentieth of the rows is damaged, when no column can be the label, or at a limit.
 */
export async function readPackedRows(
  source: Source,
  separator: string,
  sample: readonly string[][],
  context: ImportContext,
): Promise<ImageArray[]> {
  const found = columnsOf(sample, false);
  // No cell of pixels is a number, so that the first row tells by itself whether it has some.
  const header = found.header || numbersIn(sample[0]?.[packedColumn(sample)] ?? '') === null;
  const titles = found.header || !header ? found.titles : sample[0]!;
  const rows = header ? sample.slice(1) : sample;
  const columns = packedColumns(source, rows, titles, context);
  const length = usualLength(rows.map((row) => row[columns.pixels] ?? ''));
  const parts = new Map<Role | null, Part>();
  const bad: { line: number; why: string }[] = [];
  let total = 0;
  let isFirst = header;
  for await (const { line, cells } of rowsOf(source, separator, context)) {
    if (isFirst) {
      isFirst = false;
      continue;
    }
    total++;
    context.checkSize(total, length);
    const pixels = numbersIn(cells[columns.pixels] ?? '');
    const labels = columns.labels.map((column) => (cells[column] ?? '').trim());
    if (pixels?.length !== length || (labels.length === 1 && labels[0] === '')) {
      bad.push({ line, why: whyBad(pixels, length, columns.pixels) });
      continue;
    }
    // Points that cannot be seen in a picture have no numbers: such a row is whole.
    const gap = labels.length > 1 ? labels.findIndex((label) => !isNumber(label)) : -1;
    if (gap >= 0) {
      context.skip(`${source.where}, line ${line}`, `has no number in “${columns.titles[gap]!}”`);
      continue;
    }
    const stated = columns.split === null ? null : roleIn(cells[columns.split] ?? '');
    const role = stated ?? roleOfPath(source.path);
    const part = parts.get(role) ?? { numbers: new CellStore(length), labels: [] };
    parts.set(role, part);
    for (const [i, value] of pixels.entries()) part.numbers.set(part.labels.length, i, value);
    part.labels.push(labels);
    context.checkMemory([...parts.values()].reduce((sum, { numbers }) => sum + numbers.bytes, 0));
  }
  report(source, bad, total, context);
  return [...parts].map(([role, part]) => ({
    ...arrayOf(source, role, part, length, context),
    titles: columns.titles,
  }));
}

/** The number of pixels that most cells hold. */
function usualLength(cells: readonly string[]): number {
  const tally = new Map<number, number>();
  for (const cell of cells) {
    const length = numbersIn(cell)?.length;
    if (length !== undefined) tally.set(length, (tally.get(length) ?? 0) + 1);
  }
  const [usual] = [...tally].sort((a, b) => b[1] - a[1]);
  return usual?.[0] ?? 0;
}

interface Part {
  numbers: CellStore;
  /** Of each row, as written. */
  labels: string[][];
}

function whyBad(pixels: readonly number[] | null, length: number, column: number): string {
  if (!pixels) return `has no pixels in column ${column + 1}`;
  if (pixels.length === length) return 'has no label';
  return `has ${plural(pixels.length, 'pixel')} where others have ${counted(length)}`;
}

function report(
  { where }: Source,
  bad: readonly { line: number; why: string }[],
  total: number,
  context: ImportContext,
): void {
  const [first] = bad;
  if (first && bad.length > badShare * total)
    throw new Refusal(
      `${where} has ${plural(bad.length, 'bad row')} among ${counted(total)}, more than 5 %; the first: line ${first.line} ${first.why}. Mend the table or save it anew.`,
    );
  for (const { line, why } of bad) context.skip(`${where}, line ${line}`, why);
}

function arrayOf(
  { where }: Source,
  role: Role | null,
  { numbers, labels }: Part,
  length: number,
  context: ImportContext,
): ImageArray {
  const values = {
    length: labels.length * length,
    get: (i: number) => numbers.at(Math.floor(i / length), i % length),
  };
  const strides = { image: length, element: 1 };
  return {
    values: () => Promise.resolve(values),
    layout: flatLayout(labels.length, length, strides, where, context, values.get),
    labels: labelsOf(labels),
    role,
    where,
  };
}

function labelsOf(rows: readonly string[][]): Labels {
  const width = rows[0]?.length ?? 1;
  return width === 1
    ? labelsFromTexts(rows.map(([label]) => label!))
    : { kind: 'several', of: 'numbers', width, values: rows.map((row) => row.map(Number)) };
}

function isNumber(cell: string): boolean {
  return cell !== '' && Number.isFinite(Number(cell));
}

/**
 * The split in a cell. Contests call the rows of the public ranking "PublicTest": validation, by which methods were
 * chosen before the private ranking.
 */
function roleIn(cell: string): Role | null {
  return /public/i.test(cell) ? 'validation' : soleRole(cell);
}

const labelTitle = /^(label|labels|class|target|y|digit|category|emotion)$/i;
const otherTitle = /^(|id|index|unnamed: 0|file|filename|file_name|path|image_id|imageid|img_name|name)$/i;

/** Which columns hold pixels, label and split; where several may be the label, it is asked. */
function packedColumns(
  { where }: Source,
  rows: readonly string[][],
  titles: readonly string[],
  context: ImportContext,
): PackedColumns {
  const pixels = packedColumn(rows);
  if (pixels < 0)
    throw new Refusal(
      `The first rows of ${where} are damaged: none of them holds the pixels of an image in a cell. Mend the table or save it anew.`,
    );
  // A damaged row may lack cells.
  const width = Math.max(...rows.map(({ length }) => length));
  const others = Array.from({ length: width }, (_, column) => column).filter((column) => column !== pixels);
  const isSplit = (column: number) => rows.every((row) => soleRole(row[column] ?? '') !== null);
  const split =
    others.find((column) => /^(usage|split|set|subset|partition)$/i.test(titles[column] ?? '')) ??
    others.find(isSplit) ??
    null;
  const mayBe = others.filter((column) => column !== split && !otherTitle.test(titles[column] ?? '-'));
  const [likely] = [...mayBe].sort((a, b) => rank(titles[b]) - rank(titles[a]));
  if (likely === undefined)
    throw new Refusal(`${where} has images in column ${pixels + 1}, but no column of labels beside them.`);
  const options = mayBe.map((column) => ({
    value: String(column + 1),
    text: titles[column] || `column ${column + 1}`,
  }));
  const asked =
    mayBe.length > 1
      ? context.pick('labels', 'Labels', options, String(likely + 1), !labelTitle.test(titles[likely] ?? ''))
      : null;
  const label = asked === null ? likely : Number(asked) - 1;
  const labels = [label, ...furtherNumbers(rows, options, label, context)];
  return { pixels, labels, titles: labels.map((column) => titles[column] || `column ${column + 1}`), split };
}

/** Where the label is a number with decimals, such as the place of a point: the other columns of such numbers. */
function furtherNumbers(
  rows: readonly string[][],
  options: readonly { value: string; text: string }[],
  label: number,
  context: ImportContext,
): number[] {
  const isMeasured = (column: number) => {
    const cells = rows.map((row) => (row[column] ?? '').trim()).filter((cell) => cell !== '');
    return cells.every(isNumber) && cells.some((cell) => !Number.isInteger(Number(cell)));
  };
  const columnOf = ({ value }: { value: string }) => Number(value) - 1;
  const others = options.filter((option) => columnOf(option) !== label && isMeasured(columnOf(option)));
  if (others.length === 0 || !isMeasured(label)) return [];
  const guess = others.map(({ value }) => value);
  return context.several('alsoTargets', 'Also learned', others, guess).map((value) => Number(value) - 1);
}

function rank(title = ''): number {
  return labelTitle.test(title) ? 1 : 0;
}
