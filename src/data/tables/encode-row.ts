/** Between the cells of a table and the numbers of a vector, by the description of its columns. */
import type { FileColumn } from '../dataset';

export type Cell = number | string | null;

/** Names of the numbers that a column becomes. */
export function namesOfColumn(column: FileColumn): string[] {
  const { name, use } = column;
  if (use === 'left out') return [];
  const missing = `${name} is missing`;
  if (use === 'number') return column.median === null ? [name] : [name, missing];
  return [...column.values.map((value) => `${name} = ${value}`), ...(column.gaps ? [missing] : [])];
}

/** Writes the numbers of a cell into `out`, which holds zeros. */
export function putCell(column: FileColumn, cell: Cell, out: Float32Array): void {
  if (column.use === 'number') {
    const isGap = typeof cell !== 'number';
    out[0] = isGap ? (column.median ?? 0) : cell;
    if (column.median !== null) out[1] = Number(isGap);
  } else if (column.use === 'category') {
    const at =
      cell === null ? (column.gaps ? column.values.length : -1) : column.values.indexOf(String(cell));
    if (at >= 0) out[at] = 1;
  }
}

/** Back from the numbers of a vector to the cells of the columns that are used; null for a gap. */
export function cellsOf(columns: readonly FileColumn[], vector: ArrayLike<number>): Cell[] {
  let at = 0;
  return columns.flatMap((column): Cell[] => {
    if (column.use === 'left out') return [];
    const from = at;
    at += namesOfColumn(column).length;
    if (column.use === 'number') {
      const isGap = column.median !== null && vector[from + 1] === 1;
      return [isGap ? null : vector[from]!];
    }
    const place = column.values.findIndex((_, i) => vector[from + i] === 1);
    return [column.values[place] ?? null];
  });
}
