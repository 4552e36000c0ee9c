/** Roles of a table's columns: label, pixels or neither, and whether the first row is a header. */
import { numberOf } from './text-table';

export interface Columns {
  header: boolean;
  /** Number of cells in a valid row. */
  width: number;
  /** Columns that may hold the label; exactly one when the header names it. */
  candidates: number[];
  /** Columns that hold neither label nor pixels. */
  dropped: number[];
  /** Names of all columns when there is a header. */
  titles: string[];
}

const labelTitle = /^(label|labels|class|target|y|digit|category)$/i;
const otherTitle = /^(|id|index|unnamed: 0|file|filename|file_name|path|image_id|imageid)$/i;

/**
 * Determines the columns from the first rows. `chosen` is the label column that the user chose, from 0; it is ignored
 * when there is no such column.
 */
export function columnsOf(
  sample: readonly string[][],
  decimalComma: boolean,
  chosen: number | null = null,
): Columns {
  const width = usualWidth(sample);
  const first = sample[0] ?? [];
  const header = isHeader(first, decimalComma);
  const titles = header ? first.map((cell) => cell.trim()) : [];
  const rows = (header ? sample.slice(1) : sample).filter((row) => row.length === width);
  const isChosen = chosen !== null && chosen >= 0 && chosen < width;
  const named = isChosen ? chosen : titles.findIndex((title) => labelTitle.test(title));
  const dropped = [...titles.keys()].filter((column) => column !== named && otherTitle.test(titles[column]!));
  const numbered = !makesImage(width - 1) && makesImage(width - 2) && countsUp(rows, decimalComma);
  if (!header && named !== 0 && numbered) dropped.push(0);
  const others = Array.from({ length: width }, (_, column) => column).filter((c) => !dropped.includes(c));
  const candidates = named >= 0 ? [named] : [...new Set([others[0] ?? 0, others.at(-1) ?? 0])];
  return { header, width, candidates, dropped, titles };
}

/** Whether this many numbers form a square image, grey or in colour. */
export function makesImage(numbers: number): boolean {
  const isSquare = (n: number) => n > 1 && Math.round(Math.sqrt(n)) ** 2 === n;
  return isSquare(numbers) || isSquare(numbers / 3);
}

/** Whether some column of the first rows holds names of picture files. */
export function hasFileNames(sample: readonly string[][]): boolean {
  const width = usualWidth(sample);
  for (let column = 0; column < width; column++) {
    const hits = sample.filter((row) => isPictureFile(row[column] ?? '')).length;
    if (hits > 0 && hits >= (sample.length - 1) / 2) return true;
  }
  return false;
}

export function isPictureFile(cell: string): boolean {
  // Of the end alone: a pattern that looks for a beginning too takes minutes on a cell of 50,000 letters.
  return /.\.(png|jpe?g|gif|webp|bmp|avif|p[gp]m|tiff?|heic|wav)$/i.test(
    cell.trimEnd().slice(-8).trimStart(),
  );
}

function usualWidth(sample: readonly string[][]): number {
  const tally = new Map<number, number>();
  for (const { length } of sample) tally.set(length, (tally.get(length) ?? 0) + 1);
  return [...tally].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

function isHeader(first: readonly string[], decimalComma: boolean): boolean {
  const numbers = first.map((cell) => numberOf(cell, decimalComma));
  const isWord = (cell: string) =>
    cell.trim() !== '' && !/^\s*([-+]?(nan|inf(inity)?)|null|none|n\/?a)\s*$/i.test(cell);
  const words = [...first.keys()].filter((i) => Number.isNaN(numbers[i]) && isWord(first[i]!));
  const edges = new Set([0, first.length - 1]);
  if (words.some((i) => !edges.has(i) || labelTitle.test(first[i]!.trim()))) return true;
  // The header of a data frame saved with numbered columns: 0, 1, 2, ... beside a word, a blank or nothing.
  const inner = numbers.slice(1, -1);
  return (
    inner.length > 2 &&
    inner.every((value, i) => i === 0 || value === inner[i - 1]! + 1) &&
    isStart(inner[0]!)
  );
}

function isStart(value: number): boolean {
  return value === 0 || value === 1 || value === 2;
}

function countsUp(rows: readonly string[][], decimalComma: boolean): boolean {
  const values = rows.map((row) => numberOf(row[0] ?? '', decimalComma));
  return values.length > 1 && values.every((value, i) => i === 0 || value === values[i - 1]! + 1);
}

/** Statistics of a candidate column, and of the pixel column next to it. */
export interface CandidateColumn {
  column: number;
  cells: readonly string[];
  neighbour: readonly number[];
}

/**
 * The candidate that most resembles labels: words, or whole numbers with few, evenly used values counting up from 0
 * or 1. A pixel at the corner of an image is mostly background or has as many values as its neighbour. Ties go to the
 * first candidate.
 */
export function pickLabel(candidates: readonly CandidateColumn[], decimalComma: boolean): number {
  let best = candidates[0]!;
  let bestScore = -Infinity;
  for (const candidate of candidates) {
    const score = labelScore(candidate, decimalComma);
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best.column;
}

function labelScore({ cells, neighbour }: CandidateColumn, decimalComma: boolean): number {
  const words = cells.filter((cell) => Number.isNaN(numberOf(cell, decimalComma))).length;
  if (words > cells.length / 2) return 10;
  const tally = new Map<number, number>();
  for (const cell of cells) {
    const value = numberOf(cell, decimalComma);
    tally.set(value, (tally.get(value) ?? 0) + 1);
  }
  const values = [...tally.keys()].sort((a, b) => a - b);
  if (!values.every(Number.isInteger) || values.length < 2 || values.length > cells.length / 2) return 0;
  const counts = [...tally.values()].map((times) => times / cells.length);
  const evenness = -counts.reduce((sum, share) => sum + share * Math.log(share), 0) / Math.log(values.length);
  const lowest = values[0]!;
  const countsFromStart = (lowest === 0 || lowest === 1) && values.at(-1)! - lowest === values.length - 1;
  const fewer = 1 - Math.min(1, values.length / Math.max(1, new Set(neighbour).size));
  return 1 + evenness + (countsFromStart ? 1 : 0) + fewer;
}
