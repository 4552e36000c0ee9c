/** Rows of cells from a text file: three separators, quotes, decimal commas, UTF-8 or UTF-16. */
import Papa from 'papaparse';
import { Refusal, type ImportContext } from './import-context';
import { plural } from './limits';
import { piecesOf, Unreadable, type Source } from './source';
import { encodingOf, textOf } from './text';

/** Refuses a table; a text beside other data is only passed over. */
export class UnclosedQuote extends Refusal {}

export interface Row {
  /** Line number in the file, from 1. */
  line: number;
  cells: string[];
}

/** Bytes that are read to decide whether a text is a table; rows of colour images are long. */
const headBytes = 1024 * 1024;

/** Lines that are examined for the separator. */
const sampleLines = 20;

/**
 * The separator of a table, or null when the text is none: most of the first lines must have the same number of
 * cells, at least two. The comma is tried after others, because with
 * them it may be a decimal comma; the bar is last, because it may stand in lists within cells.
 */
function separatorOf(text: string, complete: boolean): string | null {
  const lines = text.split(/\r\n|\n|\r/);
  // The last line of the sample may be incomplete.
  if (!complete && lines.length > 1) lines.pop();
  const begin = lines.findIndex((line) => line.trim() !== '' && !mayBeComment(line));
  const sample = wholeRows(begin < 0 ? lines : lines.slice(begin))
    .filter((line) => line.trim() !== '')
    .slice(0, sampleLines);
  if (sample.length < 2 && complete) return null;
  const found = ['\t', ';', ',', '|'].find((separator) => agree(sample, separator)) ?? null;
  return found === '\t' && areBetweenBlanks(sample) ? null : found;
}

/**
 * Whether tabs stand for blanks: before a text behind aligned columns, or more than one between two numbers in some lines, as UCI
 * has them.
 */
function areBetweenBlanks(lines: readonly string[]): boolean {
  if (lines.every((line) => /^\S+( {2,}\S+){3,} *\t[^\t]*$/.test(line.trim()))) return true;
  const cells = lines.map((line) => line.trim().split(/\s+/));
  const isEven = (counts: readonly number[]) => new Set(counts).size === 1;
  return (
    !isEven(lines.map((line) => line.split('\t').length)) &&
    isEven(cells.map(({ length }) => length)) &&
    cells.flat().every((cell) => !Number.isNaN(numberOf(cell, false)))
  );
}

/** The same for a source. Rejects like its `read`. */
export async function separatorIn(source: Source): Promise<string | null> {
  const head = await source.read(headBytes);
  const text = textOf(head);
  return text === null ? null : separatorOf(text, head.length < headBytes);
}

/** Joins lines of quoted cells that span several. Unchanged when a quote is never closed. */
function wholeRows(lines: readonly string[]): readonly string[] {
  if (!lines.some(hasOddQuotes)) return lines;
  const rows: string[] = [];
  let open = false;
  for (const line of lines) {
    if (open) rows.push(`${rows.pop()!}\n${line}`);
    else rows.push(line);
    if (hasOddQuotes(line)) open = !open;
  }
  return open ? lines : rows;
}

function agree(lines: readonly string[], separator: string): boolean {
  const tally = new Map<number, number>();
  for (const line of lines) {
    const cells = cellsOf(line, separator).length;
    tally.set(cells, (tally.get(cells) ?? 0) + 1);
  }
  const [cells, times] = [...tally].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  return cells >= 2 && times >= 0.75 * lines.length;
}

function cellsOf(line: string, separator: string): string[] {
  // Splitting is several times faster than parsing, and rows of pixels have no quotes.
  if (!line.includes('"')) return line.split(separator);
  return Papa.parse<string[]>(line, { delimiter: separator, newline: '\n' }).data[0] ?? [];
}

/** Longest quoted cell, in characters; it may span lines. */
const longestQuote = 1024 * 1024;

interface Line {
  /** From 1. */
  number: number;
  text: string;
}

/** A single bar is one of UCI's; lines of cells between bars have more. */
function mayBeComment(line: string): boolean {
  return /^#|^%|^\|[^|]*$/.test(line);
}

/** More lines than this that begin with "#" are no comments. */
const mostComments = 1000;

/**
 * Lines with their numbers, without the comments at the beginning, lines that begin with "#", "%" or "|". The last of them is the
 * header, as NumPy writes it ("# x,y"), where it has as many cells as the first other line and that one has numbers.
 */
async function* withoutComments(
  source: Source,
  separator: string,
  context: ImportContext,
): AsyncGenerator<Line> {
  let number = 0;
  let first: Line[] | null = [];
  for await (const text of linesOf(source, context)) {
    const line = { number: ++number, text };
    if (first && (text.trim() === '' || mayBeComment(text)) && first.length < mostComments) first.push(line);
    else {
      if (first) yield* rowsAmong(first, text, separator, source, context);
      first = null;
      yield line;
    }
  }
  if (first) yield* first;
}

/** What is no comment among the lines before the first other line. */
function rowsAmong(
  lines: readonly Line[],
  other: string,
  separator: string,
  { where }: Source,
  context: ImportContext,
): readonly Line[] {
  const marked = lines.filter(({ text }) => mayBeComment(text));
  if (marked.length === 0 || mayBeComment(other)) return marked;
  const cells = cellsOf(other, separator);
  const isBelowHeader = cells.some((cell) => !Number.isNaN(numberOf(cell, separator !== ',')));
  const rows = marked
    .slice(-1)
    .filter(({ text }) => isBelowHeader && cellsOf(text, separator).length === cells.length);
  const comments = marked.length - rows.length;
  if (comments > 0)
    context.warn(
      `${where} begins with ${plural(comments, 'line')} of comment (“${marked[0]!.text[0]}”), which ${comments === 1 ? 'is' : 'are'} not read.`,
    );
  return rows.map(({ number, text }) => {
    const bare = text.replace(/^[#%|]+ */, '');
    // "#,name": the title of a column that counts the rows.
    return { number, text: bare.startsWith(separator) ? text : bare };
  });
}

/**
 * All rows of a table except empty lines and comments at the beginning. Throws `Unreadable` when the bytes are no text after all, and
 * `UnclosedQuote` when a quote is never closed.
 */
export async function* rowsOf(
  source: Source,
  separator: string,
  context: ImportContext,
): AsyncGenerator<Row> {
  const unclosed = (line: number) =>
    new UnclosedQuote(`${source.where}, line ${line} opens a quote that is never closed. Mend or remove it.`);
  /** Lines of a cell that spans several, and the number of the first. */
  let held: string[] = [];
  let start = 0;
  let heldLength = 0;
  for await (const { number, text } of withoutComments(source, separator, context)) {
    if (held.length === 0) start = number;
    const open = held.length > 0;
    if (hasOddQuotes(text) !== open) {
      held.push(text);
      heldLength += text.length;
      if (heldLength > longestQuote) throw unclosed(start);
      continue;
    }
    const joined = open ? [...held, text].join('\n') : text;
    held = [];
    heldLength = 0;
    if (joined.trim() !== '') yield { line: start, cells: cellsOf(joined, separator) };
  }
  if (held.length > 0) throw unclosed(start);
}

function hasOddQuotes(text: string): boolean {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes++;
  return quotes % 2 === 1;
}

/** Longest line; the widest table with long cells stays below a quarter of this. */
const longestLine = 8 * 1024 * 1024;

/** Decodes and splits into lines piece by piece, so that a large table is never one string. */
export async function* linesOf(source: Source, context: ImportContext): AsyncGenerator<string> {
  const { encoding, mark } = encodingOf(await source.read(4096)) ?? { encoding: 'utf-8', mark: 0 };
  const decoder = new TextDecoder(encoding, { fatal: true });
  let before = mark;
  let rest = '';
  for await (const piece of piecesOf(source)) {
    await context.yieldToMessages();
    const text = rest + decode(decoder, piece.subarray(before));
    before = Math.max(0, before - piece.length);
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new Unreadable('has a line of more than 8 MB, so it is no table');
    yield* lines;
  }
  const last = (rest + decode(decoder)).replace(/\r$/, '');
  if (last !== '') yield last;
}

/** Decodes the next bytes; without bytes, flushes the decoder. */
function decode(decoder: TextDecoder, bytes?: Uint8Array): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined });
  } catch {
    throw new Unreadable('begins as text but holds bytes that are none; save it as CSV (UTF-8)');
  }
}

/** The number in a cell, or NaN for blanks, words and infinity. With `decimalComma` "0,5" is a half. */
export function numberOf(cell: string, decimalComma: boolean): number {
  const value = Number(decimalComma ? cell.replace(',', '.') : cell);
  if (value === 0 && cell.trim() === '') return NaN;
  return Number.isFinite(value) ? value : NaN;
}
