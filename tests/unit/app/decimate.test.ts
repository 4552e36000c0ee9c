import { describe, expect, test } from 'vitest';
import { decimate, smoothed } from '../../../src/app/instruments/decimate';
import { SeriesTable } from '../../../src/record/series';

function tableOf(values: number[]): SeriesTable {
  const table = new SeriesTable();
  values.forEach((value, index) => table.push(index + 1, { loss: value }));
  return table;
}

describe('thinning for a chart', () => {
  test('leaves short series alone', () => {
    expect(decimate(tableOf([3, 2, 1]), ['loss'])).toEqual([
      { step: 1, loss: 3 },
      { step: 2, loss: 2 },
      { step: 3, loss: 1 },
    ]);
  });

  test('keeps every spike and the newest value', () => {
    const values = Array.from({ length: 10_000 }, (_, index) => Math.fround(1 / (index + 1)));
    values[4321] = 7;
    values[8765] = -3;
    const rows = decimate(tableOf(values), ['loss']);
    expect(rows.length).toBeLessThanOrEqual(400);
    const drawn = rows.map((row) => row['loss']);
    expect(drawn).toContain(7);
    expect(drawn).toContain(-3);
    expect(rows.at(-1)).toEqual({ step: 10_000, loss: values.at(-1) });
    expect(rows.every((row, place) => place === 0 || row.step >= rows[place - 1]!.step)).toBe(true);
  });

  test('shows what is not a number as a gap', () => {
    expect(decimate(tableOf([1, Number.NaN, Infinity]), ['loss']).map((row) => row['loss'])).toEqual([
      1,
      null,
      null,
    ]);
  });

  test('smoothing starts at the first value and keeps a constant', () => {
    expect([...smoothed(Float32Array.of(4, 4, 4), 0.9, false)]).toEqual([4, 4, 4]);
    expect(smoothed(Float32Array.of(10, 0), 0.5, false)[0]).toBe(10);
    expect([...smoothed(Float32Array.of(1, 100), 0.5, true)][1]!).toBeCloseTo(100 ** (2 / 3), 3);
  });
});
