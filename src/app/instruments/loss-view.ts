import { signsOf } from '../../distill/hints/weights';
import type { Phase } from '../../training/events';
import { decimate } from './decimate';
import type { RunRecord } from '../../record/run-record';
import { partStyle } from './names';
import { columnLine, lineOf, ownLine, withLines, type Compared } from './overlay';
import { stepsOf } from './step-axis';
import { reader, rowRange, type PlotModel } from './plot-model';
import { linearScale, logScale, type Scale } from './plot/scale';

export interface LossOptions {
  phase: Phase;
  weighted: boolean;
  smoothing: number;
  logarithmic: boolean;
}

/** The loss in its named parts, as they are or as they enter the sum. */
export function lossView(history: RunRecord, options: LossOptions): PlotModel {
  return seriesView(history, lossKeys(history, options), options);
}

function lossKeys(
  history: RunRecord,
  { phase, weighted }: Pick<LossOptions, 'phase' | 'weighted'>,
): string[] {
  const known = history.steps[phase].keys.filter((key) => !key.includes('/'));
  return known.filter((key) =>
    weighted ? key.endsWith('·w') || key === 'total' : !key.endsWith('·w') && key !== 'total',
  );
}

/** Parts of the loss that one of these runs has: columns, and what they are called there. */
export function lossParts(
  runs: readonly RunRecord[],
  options: Pick<LossOptions, 'phase' | 'weighted'>,
): { value: string; label: string }[] {
  const parts = new Map<string, string>();
  for (const run of runs)
    for (const key of lossKeys(run, options)) if (!parts.has(key)) parts.set(key, partStyle(run, key).label);
  return [...parts].map(([value, label]) => ({ value, label }));
}

/** One column of several runs, a line each. */
export function comparedView(
  history: RunRecord,
  compared: readonly Compared[],
  column: string,
  options: LossOptions,
): PlotModel {
  const { phase, smoothing } = options;
  const all = [history, ...compared.map((other) => other.history)];
  const logarithmic = options.logarithmic && !all.some((run) => mayFallBelowZero(run, [column]));
  const own = seriesView(history, history.steps[phase].has(column) ? [column] : [], {
    ...options,
    logarithmic,
  });
  const lines = compared.flatMap(
    (other) =>
      columnLine(lineOf(other), other.history.steps[phase], column, { smoothing, logarithmic }) ?? [],
  );
  const view = { ...own, lines: own.lines.map(({ key }) => ({ key, ...ownLine })) };
  return withLines(view, lines, (range) => valueScale(range, logarithmic));
}

/** Probes that no plot knows, by the word before the slash: "meta/before" belongs to "meta". */
export function probeGroups(history: RunRecord): { phase: Phase; group: string; keys: string[] }[] {
  return (['student', 'prelude', 'generator', 'teacher'] as const).flatMap((phase) => {
    const keys = history.steps[phase].keys.filter((key) => key.includes('/'));
    const groups = [...new Set(keys.map((key) => key.split('/')[0]!))];
    return groups.map((group) => ({ phase, group, keys: keys.filter((key) => key.startsWith(`${group}/`)) }));
  });
}

const probeColours = ['var(--ink)', 'var(--hint-0)', 'var(--hint-1)', 'var(--hint-2)', 'var(--hint-3)'];
const probeDashes = [undefined, '7 3', '2 3', '9 3 2 3', '4 4'];

export function probeView(history: RunRecord, keys: string[], options: LossOptions): PlotModel {
  const view = seriesView(history, keys, options);
  const lines = view.lines.map(({ key }, index) => {
    const name = key.split('/').slice(1).join('/');
    // A probe of a hint is drawn as that hint is everywhere.
    if (history.hintKeys.includes(name)) return { key, ...partStyle(history, name) };
    const dash = probeDashes[index % probeDashes.length];
    return {
      key,
      label: name,
      colour: probeColours[index % probeColours.length]!,
      ...(dash ? { dash } : {}),
    };
  });
  return { ...view, lines };
}

/** Whether one of these numbers may be below zero, where a logarithmic axis ends: a loss that declares it, or a sum with one. */
export function mayFallBelowZero(
  history: Pick<RunRecord, 'recipe' | 'hintKeys'>,
  keys: readonly string[],
): boolean {
  const signs = signsOf(history.recipe.hints);
  const signed = history.hintKeys.filter((_, h) => signs[h]);
  if (signed.length === 0) return false;
  return keys.some((key) => key === 'total' || signed.some((hint) => key === hint || key === `${hint}·w`));
}

function seriesView(history: RunRecord, keys: string[], options: LossOptions): PlotModel {
  const { phase, smoothing } = options;
  const logarithmic = options.logarithmic && !mayFallBelowZero(history, keys);
  const table = history.steps[phase];
  const rows = decimate(table, keys, { smoothing, logarithmic });
  return {
    rows,
    lines: keys.map((key) => ({ key, ...partStyle(history, key) })),
    scale: valueScale(rowRange(rows, keys), logarithmic),
    steps: stepsOf(history, phase),
    readAt: reader(table, keys),
  };
}

/** From zero where nothing is below it. */
export function valueScale(range: [number, number] | null, logarithmic: boolean): Scale {
  if (!range) return { kind: 'linear', domain: [0, 3], ticks: [0, 1, 2, 3] };
  const [low, high] = range;
  if (logarithmic && high > 0) return logScale(low > 0 ? low : high / 1e4, high);
  return linearScale(Math.min(0, low), high);
}
