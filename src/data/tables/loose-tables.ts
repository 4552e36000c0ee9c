/**
 * Texts that hold a table without separators, as separated texts: JSON, JSON Lines, cells between blanks, LIBSVM's pairs
 * of column and value, and matrices with their labels in a file of their own, as UCI has them.
 */
import Papa from 'papaparse';
import type { ImportContext } from '../import-context';
import { bytesInWords, counted } from '../limits';
import { baseName, isSampleSubmission, roleOfPath } from '../paths';
import { checkRows } from '../side/check-rows';
import { jsonRows } from '../side/json-rows';
import { sourceOf, Unreadable, type Source } from '../source';
import { textOf } from '../text';
import { linesOf, numberOf } from '../text-table';
import { fewestRows, mostColumns } from './column-table';

/** Longest text that is read whole. */
const mostBytes = 64 * 1024 * 1024;
const readme = /(^|[^a-z])(readme|licen[cs]e|info|names?|index)([^a-z]|$)/i;

interface Rows {
  source: Source;
  /** Null where there are none. */
  titles: string[] | null;
  rows: string[][];
}

/** The tables among the texts, each as a source of separated text under its own name; none where no text is a table. */
export async function tablesAmongTexts(texts: readonly Source[], context: ImportContext): Promise<Source[]> {
  const found: Rows[] = [];
  for (const source of texts) {
    await context.yieldToMessages();
    if (isSampleSubmission(source.path) || readme.test(baseName(source.path))) continue;
    try {
      const own = await rowsIn(source, context);
      if (own && own.rows.length > 0) found.push(own);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      context.skip(source.where, error.message);
    }
  }
  const lists = found.filter(({ rows }) => rows[0]!.length === 1);
  const tables = found.filter(({ rows }) => rows.length > 1 && rows[0]!.length > 1);
  const labelled = tables.flatMap((table) => withLabels(table, lists, context) ?? []);
  // Beside matrices with labels, other tables name their columns.
  const meant = labelled.length > 0 ? labelled : tables;
  return meant.some(({ rows }) => rows.length >= fewestRows) ? meant.map(asSource) : [];
}

/** "y_train", "labels": what a file of one column is called that holds what is learned. */
const labelFile = /^(y|labels?|targets?|class(es)?)([^a-z]|$)/i;

/** With the column of a file of labels that has as many rows, of the same split, as the last one; null without such. */
function withLabels(table: Rows, lists: readonly Rows[], context: ImportContext): Rows | null {
  const { rows, source } = table;
  const own = lists.find(
    (list) =>
      labelFile.test(baseName(list.source.path)) &&
      list.rows.length === rows.length &&
      roleOfPath(list.source.path) === roleOfPath(source.path),
  );
  if (!own) return null;
  const titles = table.titles ?? rows[0]!.map((_, column) => `column ${column + 1}`);
  context.warn(`The labels of ${source.where} were taken from ${own.source.where}, row by row.`);
  return {
    source,
    titles: [...titles, 'label'],
    rows: rows.map((row, i) => [...row, own.rows[i]![0]!]),
  };
}

function asSource({ source: { path, where }, titles, rows }: Rows): Source {
  const text = Papa.unparse(titles ? [titles, ...rows] : rows, { newline: '\n' });
  return sourceOf(path, where, new TextEncoder().encode(text));
}

async function rowsIn(source: Source, context: ImportContext): Promise<Rows | null> {
  if (source.size > mostBytes)
    throw new Unreadable(
      `is a text of more than ${bytesInWords(mostBytes)} without separators; save it as CSV`,
    );
  const head = textOf(await source.read(4096));
  if (head === null) return null;
  if (/^\s*[{[]/.test(head)) {
    const found = jsonRows(textOf(await source.read(mostBytes)) ?? '');
    return found && { source, titles: found.header, rows: found.rows };
  }
  const lines: string[] = [];
  for await (const line of linesOf(source, context)) {
    if (line.trim() !== '' && !(lines.length === 0 && /^[#%|]/.test(line))) lines.push(line.trim());
    checkRows(lines.length);
  }
  return pairsIn(source, lines) ?? cellsIn(source, lines);
}

const pairs = /^[-+]?[\d.]+(e[-+]?\d+)?(\s+\d+:\S+)*(\s*#.*)?$/i;

/** LIBSVM's lines: a label, then "column:value" for each value that is not 0. Columns count from 1. */
function pairsIn(source: Source, lines: readonly string[]): Rows | null {
  if (!lines.some((line) => line.includes(':')) || !lines.every((line) => pairs.test(line))) return null;
  const cells = lines.map((line) => line.replace(/\s*#.*$/, '').split(/\s+/));
  let width = 0;
  for (const row of cells)
    for (const cell of row.slice(1)) width = Math.max(width, Number(cell.slice(0, cell.indexOf(':'))));
  if (width > mostColumns)
    throw new Unreadable(
      `is a table of LIBSVM with ${counted(width)} columns; a table may have at most ${counted(mostColumns)}`,
    );
  // The test of "a1a" is called "a1a.t".
  const path = source.path.replace(/\.t$/, '.test');
  return {
    source: { ...source, path },
    titles: ['label', ...Array.from({ length: width }, (_, column) => String(column + 1))],
    rows: cells.map(([label, ...values]) => {
      const row = new Array<string>(width + 1).fill('0');
      row[0] = String(Number(label));
      for (const value of values) {
        const at = value.indexOf(':');
        row[Number(value.slice(0, at))] = value.slice(at + 1);
      }
      return row;
    }),
  };
}

/** Cells with blanks between them: as many in every line, texts in quotes; most are numbers. */
function cellsIn(source: Source, lines: readonly string[]): Rows | null {
  const rows = lines.map((line) => line.match(/"[^"]*"|\S+/g) ?? []);
  const width = rows.at(-1)?.length ?? 0;
  // R leaves out the title of the row names.
  const first = rows[0]?.length === width - 1 ? ['', ...rows[0]] : rows[0];
  const others = rows.slice(1);
  if (!first || first.length !== width || others.some(({ length }) => length !== width)) return null;
  const all = others.flat();
  const numbers = all.filter((cell) => !Number.isNaN(numberOf(cell, false)) || cell === '?').length;
  if (width > 1 && numbers < all.length / 2) return null;
  const bare = [first, ...others].map((row) => row.map((cell) => cell.replace(/^"(.*)"$/, '$1')));
  return { source, titles: null, rows: bare };
}
