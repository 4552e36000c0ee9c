import type { Row } from './decimate';
import type { RunRecord } from '../../record/run-record';
import { partStyle } from './names';
import { valueScale } from './loss-view';
import { lineOf, ownLine, withLines, type Compared, type RunLine } from './overlay';
import { stepsOf } from './step-axis';
import type { PlotModel } from './plot-model';
import type { PlotBand } from './plot/Plot';

export interface WeightView extends PlotModel {
  bands: PlotBand[];
}

const shares = [0.1, 0.25, 0.5, 0.75, 0.9] as const;
const known = new WeakMap<Float32Array, number[]>();

/** Quantiles of one moment; a moment never changes once it is recorded. */
export function quantiles(values: Float32Array): number[] {
  let result = known.get(values);
  if (!result) {
    const sorted = Float32Array.from(values).sort();
    result = shares.map((share) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN);
    known.set(values, result);
  }
  return result;
}

/** Weights of the tracked samples per hint: the median as a line, the middle half and the middle 80 % as bands. */
export function weightView(history: RunRecord): WeightView {
  const { snapshots, hintKeys } = history;
  const rows = snapshots.steps.map((step, moment) => {
    const row: Row = { step };
    for (const key of hintKeys) {
      const values = snapshots.at(moment, `weight:${key}`);
      if (values) quantiles(values).forEach((value, place) => (row[`${key}@${shares[place]}`] = value));
    }
    return row;
  });
  const present = hintKeys.filter((key) => snapshots.newest(`weight:${key}`));
  let high = 0;
  for (const row of rows) for (const key of present) high = Math.max(high, row[`${key}@0.9`] ?? 0);
  return {
    rows: present.length > 0 ? rows : [],
    lines: present.map((key) => ({ ...partStyle(history, key), key: `${key}@0.5` })),
    bands: present.flatMap((key) => {
      const { colour } = partStyle(history, key);
      return [
        { low: `${key}@0.1`, high: `${key}@0.9`, colour, opacity: 0.12 },
        { low: `${key}@0.25`, high: `${key}@0.75`, colour, opacity: 0.2 },
      ];
    }),
    scale: valueScale(present.length > 0 ? [0, high] : null, false),
    steps: stepsOf(history, 'student'),
    readAt: (step) => {
      const moment = snapshots.momentAt(step);
      return moment < 0 ? {} : rows[moment]!;
    },
  };
}

/** Hints of which one of these runs has weights: keys, and what they are called there. */
export function weightParts(runs: readonly RunRecord[]): { value: string; label: string }[] {
  const parts = new Map<string, string>();
  for (const run of runs)
    for (const key of run.hintKeys)
      if (!parts.has(key) && run.snapshots.newest(`weight:${key}`)) parts.set(key, partStyle(run, key).label);
  return [...parts].map(([value, label]) => ({ value, label }));
}

/** The weight of one hint in several runs: a median each, and the bands of the run in view. */
export function comparedWeightView(
  history: RunRecord,
  compared: readonly Compared[],
  hint: string,
): WeightView {
  const median = `${hint}@0.5`;
  const own = weightView(history);
  const view = {
    ...own,
    lines: own.lines.filter(({ key }) => key === median).map(({ key }) => ({ key, ...ownLine })),
    bands: own.bands
      .filter(({ low }) => low.startsWith(`${hint}@`))
      .map((band) => ({ ...band, colour: ownLine.colour })),
  };
  const lines = compared.flatMap((other): RunLine[] => {
    const { rows, lines: theirs, readAt } = weightView(other.history);
    if (!theirs.some(({ key }) => key === median)) return [];
    const line = lineOf(other);
    return [
      {
        line,
        rows: rows.map((row): Row => ({ step: row.step, [line.key]: row[median] ?? null })),
        readAt: (step) => readAt(step)[median] ?? null,
      },
    ];
  });
  return withLines(view, lines, (range) => valueScale(range, false));
}
