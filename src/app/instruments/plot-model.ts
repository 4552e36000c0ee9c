import type { Row } from './decimate';
import type { SeriesTable } from '../../record/series';
import type { PlotLine } from './plot/Plot';
import type { Scale } from './plot/scale';

/** What a plot draws, read from a run. */
export interface PlotModel {
  rows: Row[];
  lines: PlotLine[];
  scale: Scale;
  steps: [number, number];
  readAt: (step: number) => Record<string, number | null>;
}

export function reader(table: SeriesTable, keys: readonly string[]) {
  return (step: number): Record<string, number | null> => {
    const row = table.rowAt(step);
    const values: Record<string, number | null> = {};
    for (const key of keys) {
      const value = row < 0 ? undefined : table.column(key)[row];
      values[key] = value === undefined || Number.isNaN(value) ? null : value;
    }
    return values;
  };
}

/** Smallest and largest finite value of some columns, or null when there is none. */
export function finiteRange(
  table: SeriesTable,
  keys: readonly string[],
  also: readonly number[] = [],
): [number, number] | null {
  let [low, high] = [Infinity, -Infinity];
  for (const values of [...keys.map((key) => table.column(key)), also])
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low <= high ? [low, high] : null;
}

/** The same over rows that are drawn: smoothed and decimated. */
export function rowRange(rows: readonly Row[], keys: readonly string[]): [number, number] | null {
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows)
    for (const key of keys) {
      const value = row[key];
      if (typeof value !== 'number') continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low <= high ? [low, high] : null;
}
