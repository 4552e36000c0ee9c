import type { RunRecord } from '../../record/run-record';
import type { Row } from '../instruments/decimate';
import { partStyle } from '../instruments/names';
import type { PlotModel } from '../instruments/plot-model';
import type { PlotBand, PlotLine } from '../instruments/plot/Plot';
import { bandOf, type BandPoint } from './band';

/** The task's first score; other quantities are named parts of the loss. */
export const scoreQuantity = 'score';

export interface BandRow {
  entry: number;
  name: string;
  records: readonly RunRecord[];
}

interface BandView extends Omit<PlotModel, 'scale'> {
  bands: PlotBand[];
  /** Of all bands; null while there is none. */
  range: [number, number] | null;
}

/** What can be drawn of these runs. */
export function quantitiesOf(records: readonly RunRecord[]): { key: string; label: string }[] {
  const parts = new Map<string, string>();
  for (const record of records)
    for (const key of record.steps.student.keys)
      if (!key.includes('/') && !key.endsWith('·w')) parts.set(key, partStyle(record, key).label);
  return [
    { key: scoreQuantity, label: 'Score' },
    ...[...parts].map(([key, label]) => ({ key, label: `Loss: ${label}` })),
  ];
}

/** A line and a band for every row. */
export function bandView(
  rows: readonly BandRow[],
  quantity: string,
  styleOf: (place: number) => { colour: string; dash?: string },
): BandView {
  const drawn = rows.map(({ entry, name, records }, place) => ({
    key: `row ${entry}`,
    name,
    style: styleOf(place),
    points: bandOf(records.map((record) => seriesOf(record, quantity))),
  }));
  const bySteps = new Map<number, Row>();
  for (const { key, points } of drawn)
    for (const { step, mean, low, high } of points) {
      const row = bySteps.get(step) ?? { step };
      Object.assign(row, { [key]: mean, [`${key} low`]: low, [`${key} high`]: high });
      bySteps.set(step, row);
    }
  const all = drawn.flatMap(({ points }) => points);
  const ends = all.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean]);
  return {
    rows: [...bySteps.values()].toSorted((a, b) => a.step - b.step),
    lines: drawn
      .filter(({ points }) => points.length > 0)
      // Names of rows are long and begin alike: letters stand at the lines, and the key says whose they are.
      .map(({ key, name, style }, place): PlotLine => ({
        key,
        label: name,
        short: 'ABCDEFGHIJKL'[place] ?? '',
        ...style,
      })),
    bands: drawn
      .filter(({ points }) => points.some(({ low }) => low !== null))
      .map(({ key, style }): PlotBand => ({
        low: `${key} low`,
        high: `${key} high`,
        colour: style.colour,
        opacity: 0.16,
      })),
    range: ends.length > 0 ? [Math.min(...ends), Math.max(...ends)] : null,
    steps: [0, Math.max(1, ...all.map(({ step }) => step))],
    readAt: (step) => Object.fromEntries(drawn.map(({ key, points }) => [key, valueAt(points, step)])),
  };
}

function seriesOf(record: RunRecord, quantity: string) {
  const table = quantity === scoreQuantity ? record.evaluations.student : record.steps.student;
  return { steps: table.steps, values: table.column(quantity === scoreQuantity ? 'student' : quantity) };
}

function valueAt(points: readonly BandPoint[], step: number): number | null {
  return points.findLast((point) => point.step <= step)?.mean ?? null;
}
