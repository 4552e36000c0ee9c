/** How near a network is to its teacher within each class, label or number, over the measurements of a run. */
import type { ScoreAbout } from '../../distill/tasks/about';
import type { RunRecord } from '../../record/run-record';
import type { Learner } from '../../training/events';

/** More lines are too thin to read. */
const mostLines = 24;
/** More columns are narrower than two pixels on a phone. */
const mostColumns = 100;

export interface FidelityView {
  /** Steps of the columns. */
  steps: number[];
  /** In the order of the classes, those furthest from the teacher where there are many; [columns] values each, NaN for none. */
  rows: { name: string; values: number[] }[];
  /** How many classes were measured. */
  all: number;
  /** Lowest and highest value of the colours. */
  range: [number, number];
}

/** The scores against the teacher that the run measures. */
export function fidelityScores({ task, measured }: RunRecord): readonly ScoreAbout[] {
  const known = measured.student.at(-1)?.fidelity ?? {};
  return task.further.filter(({ id }) => known[id] !== undefined);
}

/** Of several runs in the same colours; null for those without such numbers. */
export function fidelityViews(
  histories: readonly RunRecord[],
  score: ScoreAbout,
  learner: Learner,
): (FidelityView | null)[] {
  const views = histories.map((history) => fidelityView(history, score, learner));
  const highest = Math.max(...views.map((view) => view?.range[1] ?? 0));
  return views.map((view) => view && { ...view, range: [view.range[0], highest] });
}

export function fidelityView(
  { facts, measured }: Pick<RunRecord, 'facts' | 'measured'>,
  score: ScoreAbout,
  learner: Learner,
): FidelityView | null {
  const told = measured.student.flatMap(({ step, fidelity }) => {
    const values = fidelity?.[score.id]?.[learner];
    return values ? [{ step, values }] : [];
  });
  const last = told.at(-1);
  if (!last) return null;
  // Counted from the newest, so that the columns end there.
  const stride = Math.ceil(told.length / mostColumns);
  const columns = told.filter((_, i) => (told.length - 1 - i) % stride === 0);
  const names = facts?.targets?.names ?? facts?.dataset.classes ?? [];
  const sign = score.better === 'higher' ? 1 : -1;
  const found = names
    .map((name, at) => ({ name, last: last.values[at]!, values: columns.map(({ values }) => values[at]!) }))
    .filter((row) => !Number.isNaN(row.last));
  const furthest = new Set(found.toSorted((a, b) => sign * (a.last - b.last)).slice(0, mostLines));
  const rows = found.filter((row) => furthest.has(row));
  const highest = Math.max(
    1e-9,
    ...rows.flatMap(({ values }) => values.filter((value) => Number.isFinite(value))),
  );
  return {
    steps: columns.map(({ step }) => step),
    rows: rows.map(({ name, values }) => ({ name, values })),
    all: found.length,
    range: [0, score.unit === 'share' ? 1 : highest],
  };
}
