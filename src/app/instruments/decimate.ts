import type { SeriesTable } from '../../record/series';

/** One row of a chart: the step and a value, or null for a gap, per line. */
export type Row = { step: number } & Record<string, number | null>;

export interface DecimateOptions {
  maxRows?: number;
  /** 0 none .. 0.99 strong: exponential moving average */
  smoothing?: number;
  /** Smooth the logarithm, as a log axis shows it. */
  logarithmic?: boolean;
}

/**
 * Rows for a chart: all of them while they are few, else two per bucket that hold the bucket's smallest and largest
 * value in the order in which they came, so that no spike is lost.
 */
export function decimate(
  table: SeriesTable,
  keys: readonly string[],
  { maxRows = 400, smoothing = 0, logarithmic = false }: DecimateOptions = {},
): Row[] {
  const { steps, length } = table;
  const columns = keys.map((key) => {
    const column = table.column(key);
    return smoothing > 0 ? smoothed(column, smoothing, logarithmic) : column;
  });
  if (length <= maxRows) return Array.from(steps, (step, row) => rowOf(step, keys, columns, () => row));

  const rows: Row[] = [];
  const buckets = Math.floor(maxRows / 2);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = Math.floor((bucket * length) / buckets);
    const to = Math.floor(((bucket + 1) * length) / buckets);
    const extremes = columns.map((column) => extremesOf(column, from, to));
    const middle = (from + to) >> 1;
    const last = bucket === buckets - 1 ? length - 1 : middle;
    rows.push(rowOf(steps[from]!, keys, columns, (index) => extremes[index]![0]));
    // The end of the line is the newest value itself.
    const second = (index: number) => (bucket === buckets - 1 ? length - 1 : extremes[index]![1]);
    rows.push(rowOf(steps[last]!, keys, columns, second));
  }
  return rows;
}

function rowOf(
  step: number,
  keys: readonly string[],
  columns: readonly Float32Array[],
  source: (index: number) => number,
): Row {
  const row: Row = { step };
  for (let index = 0; index < keys.length; index += 1) {
    const value = columns[index]![source(index)];
    row[keys[index]!] = value === undefined || !Number.isFinite(value) ? null : value;
  }
  return row;
}

function extremesOf(column: Float32Array, from: number, to: number): [number, number] {
  let [smallest, largest] = [-1, -1];
  for (let row = from; row < to; row += 1) {
    const value = column[row]!;
    if (Number.isNaN(value)) continue;
    if (smallest < 0 || value < column[smallest]!) smallest = row;
    if (largest < 0 || value > column[largest]!) largest = row;
  }
  return smallest < largest ? [smallest, largest] : [largest, smallest];
}

/** Exponential moving average without a pull towards the first value; gaps stay gaps. */
export function smoothed(column: Float32Array, strength: number, logarithmic: boolean): Float32Array {
  const result = new Float32Array(column.length);
  let [sum, weight] = [0, 0];
  for (let row = 0; row < column.length; row += 1) {
    const raw = column[row]!;
    const value = logarithmic ? Math.log(Math.max(raw, 1e-12)) : raw;
    if (!Number.isFinite(value)) {
      result[row] = raw;
      continue;
    }
    sum = sum * strength + value * (1 - strength);
    weight = weight * strength + (1 - strength);
    result[row] = logarithmic ? Math.exp(sum / weight) : sum / weight;
  }
  return result;
}
