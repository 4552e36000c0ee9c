import { shownValue, type KnobValue } from '../../distill/knobs';
import { knobAt, valueAt } from '../../distill/recipe';
import type { Experiment } from '../../experiment/experiment';
import type { ExperimentLine } from '../../experiment/table';

export interface SweptKnob {
  path: string;
  label: string;
}

export interface GridCell {
  /** Mean of the student's score over all runs of its rows; null before the first. */
  mean: number | null;
  runs: number;
  /** Rows of the table that have both values. */
  entries: number[];
}

export interface KnobGrid {
  across: { label: string; values: string[] };
  down: { label: string; values: string[] };
  /** Row by row. */
  cells: GridCell[][];
  /** Whether a cell is a mean over rows that differ in something else. */
  isMixed: boolean;
}

/** Knobs that at least one row sets on purpose, with more than one value among the rows. */
export function sweptKnobs({ entries }: Experiment): SweptKnob[] {
  const paths = [...new Set(entries.flatMap(({ axes }) => axes))];
  return paths.flatMap((path) => {
    const having = entries.filter(({ recipe, axes }) => axes.includes(path) && knobAt(recipe, path));
    const values = new Set(having.map(({ recipe }) => valueAt(recipe, path)));
    const knob = having[0] && knobAt(having[0].recipe, path);
    return knob && values.size > 1 ? [{ path, label: knob.label }] : [];
  });
}

/** The score of the student by the values of two swept knobs. */
export function knobGrid(
  { entries }: Experiment,
  lines: readonly ExperimentLine[],
  across: SweptKnob,
  down: SweptKnob,
): KnobGrid {
  const rows = entries.flatMap(({ recipe, axes }, entry) =>
    axes.includes(across.path) && axes.includes(down.path)
      ? [{ entry, x: valueAt(recipe, across.path)!, y: valueAt(recipe, down.path)! }]
      : [],
  );
  const [xs, ys] = [sorted(rows.map(({ x }) => x)), sorted(rows.map(({ y }) => y))];
  const cells = ys.map((y) =>
    xs.map((x): GridCell => {
      const own = rows.filter((row) => row.x === x && row.y === y).map(({ entry }) => entry);
      const scored = own.flatMap((entry) => lines[entry]?.student ?? []);
      const runs = scored.reduce((sum, { n }) => sum + n, 0);
      const mean = runs > 0 ? scored.reduce((sum, each) => sum + each.n * each.mean, 0) / runs : null;
      return { mean, runs, entries: own };
    }),
  );
  const named = (knob: SweptKnob, values: readonly KnobValue[]) => {
    const described = knobAt(entries[rows[0]!.entry]!.recipe, knob.path)!;
    return { label: knob.label, values: values.map((value) => shownValue(described, value)) };
  };
  return {
    across: named(across, xs),
    down: named(down, ys),
    cells,
    isMixed: cells.some((row) => row.some((cell) => cell.entries.length > 1)),
  };
}

/** Numbers by size, other values as they come. */
function sorted(values: readonly KnobValue[]): KnobValue[] {
  const all = [...new Set(values)];
  return all.every((value) => typeof value === 'number') ? all.toSorted((a, b) => a - b) : all;
}
