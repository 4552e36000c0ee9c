/** Columns of zeros and ones that mark one class together. */
import type { TableColumn } from './table-column';

/**
 * The neighbouring columns around one of them of which every row marks exactly one; [] when there are none.
 * @param run numbers of neighbouring columns of zeros and ones
 */
export function exclusiveColumns(
  columns: readonly TableColumn[],
  rows: number,
  run: readonly number[],
  column: number,
): number[] {
  const ones = run.map((at) => sumOf(columns[at]!, rows));
  // Of such columns the ones are as many as the rows; only then every row is looked at.
  for (let from = run.indexOf(column); from >= 0; from--) {
    let sum = 0;
    for (let to = from; to < run.length && sum <= rows; to++) {
      sum += ones[to]!;
      const window = run.slice(from, to + 1);
      if (sum !== rows || window.length < 2 || !window.includes(column)) continue;
      if (
        eachMarksOne(
          window.map((at) => columns[at]!),
          rows,
        )
      )
        return window;
    }
  }
  return [];
}

function sumOf(column: TableColumn, rows: number): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += column.numberAt(row) === 1 ? 1 : 0;
  return sum;
}

function eachMarksOne(columns: readonly TableColumn[], rows: number): boolean {
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (const column of columns) sum += column.numberAt(row);
    // A gap makes the sum NaN.
    if (sum !== 1) return false;
  }
  return true;
}

/** "a", "b" of "species_a", "species_b": titles without what they begin with together, up to a sign. */
export function withoutSharedStart(titles: readonly string[]): string[] {
  const [first = ''] = titles;
  let shared = 0;
  while (shared < first.length && titles.every((title) => title[shared] === first[shared])) shared++;
  const start = /^.*[_=.:\s-]\s*/.exec(first.slice(0, shared))?.[0] ?? '';
  const rest = titles.map((title) => title.slice(start.length));
  return rest.every((title) => title !== '') ? rest : [...titles];
}
