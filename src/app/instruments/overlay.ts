/** Lines of several runs in one chart. */
import type { RunRecord } from '../../record/run-record';
import type { SeriesTable } from '../../record/series';
import { decimate, type DecimateOptions, type Row } from './decimate';
import type { PlotLine } from './plot/Plot';
import type { Scale } from './plot/scale';
import { reader, rowRange, type PlotModel } from './plot-model';

/** Another run that is laid over the charts of the one in view. */
export interface Compared {
  number: number;
  history: RunRecord;
  /** In the choice of runs, from 0. */
  place: number;
  colour: string;
  dash: string;
}

/** One line of another run. */
export interface RunLine {
  line: PlotLine;
  /** With the values under the line's key. */
  rows: readonly Row[];
  readAt: (step: number) => number | null;
}

/** How the run in view is drawn where every line is a run. */
export const ownLine = { label: 'This run', colour: 'var(--student)' };

/** @param what it shows, where that does not go without saying @param brief whether the place beside its end is for the run alone */
export function lineOf({ number, colour, dash }: Compared, what?: string, brief = false): PlotLine {
  const run = `run ${number}`;
  const label = what ? `${what}, ${run}` : `Run ${number}`;
  return { key: run, label, ...(brief ? { short: `Run ${number}` } : {}), colour, dash };
}

/** A column of a table as a line; null where the run has no number in it. */
export function columnLine(
  line: PlotLine,
  table: SeriesTable,
  column: string,
  options?: DecimateOptions,
): RunLine | null {
  const rows = decimate(table, [column], options).map((row): Row => ({
    step: row.step,
    [line.key]: row[column] ?? null,
  }));
  if (!rowRange(rows, [line.key])) return null;
  const read = reader(table, [column]);
  return { line, rows, readAt: (step) => read(step)[column] ?? null };
}

/** A chart with lines of other runs over its own; the axes hold them all. */
export function withLines<V extends PlotModel>(
  view: V,
  others: readonly RunLine[],
  scaleOf: (range: [number, number]) => Scale,
): V {
  const own = view.lines.length > 0 && view.rows.length > 0 ? [view.scale.domain] : [];
  const ranges = [...own, ...others.flatMap(({ line, rows }) => [rowRange(rows, [line.key])!])];
  if (others.length === 0) return view;
  return {
    ...view,
    rows: mergedRows([view.rows, ...others.map(({ rows }) => rows)]),
    lines: [...view.lines, ...others.map(({ line }) => line)],
    scale: scaleOf([Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))]),
    steps: [0, Math.max(view.steps[1], ...others.map(({ rows }) => rows.at(-1)?.step ?? 0))],
    readAt: (step) => ({
      ...view.readAt(step),
      ...Object.fromEntries(others.map(({ line, readAt }) => [line.key, readAt(step)])),
    }),
  };
}

/** All in the order of their steps; a step that several have becomes one row. */
function mergedRows(all: readonly (readonly Row[])[]): Row[] {
  const bySteps = new Map<number, Row>();
  for (const row of all.flat()) bySteps.set(row.step, { ...bySteps.get(row.step), ...row });
  return [...bySteps.values()].sort((a, b) => a.step - b.step);
}
