/** Metrics of a run as comma-separated text. */
import { csvTable, type Cell } from './csv-table';
import { taskAboutOf } from '../distill/tasks/about';
import type { Metrics, Table } from '../record/run-metrics';
import { phaseOrder } from '../record/run-record';
import type { Phase } from '../training/events';

/**
 * One row per step or evaluation, one column per quantity. Column `kind` distinguishes steps from evaluations;
 * scores have a prefix ("accuracy:student", "mae:student"), so that every name has one meaning.
 */
export function metricsCsv(metrics: Metrics): string {
  const nameOf = curveNames(metrics);
  const parts = phaseOrder.flatMap((phase) => [
    ...partOf(phase, 'step', metrics.steps[phase], (key) => `loss:${key}`),
    ...partOf(phase, 'evaluation', metrics.curves[phase], nameOf),
  ]);
  const names = [...new Set(parts.flatMap(({ keys }) => [...keys.keys()]))];
  const rows = parts.flatMap(({ phase, kind, table, keys }) =>
    Array.from(table.steps, (step, row): Cell[] => [
      phase,
      kind,
      step,
      ...names.map((name) => {
        const key = keys.get(name);
        return key === undefined ? null : table.columns[key]?.[row];
      }),
    ]),
  );
  return csvTable(['phase', 'kind', 'step', ...names], rows);
}

function partOf(phase: Phase, kind: string, table: Table | undefined, nameOf: (key: string) => string) {
  return table ? [{ phase, kind, table, keys: named(table, nameOf) }] : [];
}

/** One row per tracked sample and evaluation. */
export function instancesCsv(metrics: Metrics): string {
  const names = [...new Set(metrics.moments.flatMap(({ values }) => Object.keys(values)))];
  const targets = targetColumns(metrics);
  const rows = metrics.moments.flatMap(({ step, values }) =>
    metrics.watchedImages.map(({ index }, row): Cell[] => [
      step,
      index,
      ...targets.map(({ of }) => of(row)),
      ...names.map((name) => values[name]?.[row]),
    ]),
  );
  // As in tables of former pages where the instances are images.
  const instance = metrics.facts?.dataset.shape.length === 1 ? 'row' : 'image';
  return csvTable(['step', instance, ...targets.map(({ name }) => name), ...names], rows);
}

/** Number of the class, or each number or label by its name. */
function targetColumns({ facts, watchedImages, watchedTargets }: Metrics) {
  const ofClass = (number: number | undefined) => (number === undefined || number < 0 ? null : number);
  if (!facts?.targets || !watchedTargets)
    return [
      { name: 'true_label', of: (row: number): Cell => ofClass(watchedImages[row]?.trueLabel) },
      { name: 'given_label', of: (row: number): Cell => ofClass(watchedImages[row]?.givenLabel) },
    ];
  const { names } = facts.targets;
  return (['truth', 'given'] as const).flatMap((side) =>
    names.map((name, t) => ({
      name: `${side === 'truth' ? 'true' : 'given'}:${name}`,
      of: (row: number): Cell => watchedTargets[side][row * names.length + t],
    })),
  );
}

/** The key of each column by its name in the file. */
function named({ columns }: Table, nameOf: (key: string) => string): Map<string, string> {
  return new Map(Object.keys(columns).map((key) => [nameOf(key), key]));
}

/** Names of the columns of measurements: all of them had the prefix "accuracy:" before there were other tasks. */
function curveNames({ facts }: Metrics): (key: string) => string {
  const { id, scores, further } = taskAboutOf(facts);
  const [primary, ...others] = scores.map((score) => score.id);
  const prefixed = new Set([
    ...(id === 'classification' ? [] : [...others, 'loss']),
    ...further.map((score) => score.id),
  ]);
  return (key) => {
    const [learner, what] = key.split('/');
    if (learner?.startsWith('gradient ')) return `${learner}:${what}`;
    return what && prefixed.has(what) ? `${what}:${learner}` : `${primary}:${key}`;
  };
}
