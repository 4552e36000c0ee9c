/** Metrics of a run as comma-separated text. */
import { csvTable, type Cell } from './csv-table';
import type { Metrics, Table } from '../record/run-metrics';
import { phaseOrder } from '../record/run-record';

/**
 * One row per step or evaluation, one column per quantity. Column `kind` distinguishes steps from evaluations;
 * accuracies have a prefix, so that every name has one meaning.
 */
export function metricsCsv(metrics: Metrics): string {
  const parts = phaseOrder.flatMap((phase) => [
    { phase, kind: 'step', prefix: 'loss:', table: metrics.steps[phase] },
    { phase, kind: 'evaluation', prefix: 'accuracy:', table: metrics.curves[phase] },
  ]);
  const names = [
    ...new Set(parts.flatMap(({ prefix, table }) => Object.keys(table.columns).map((key) => prefix + key))),
  ];
  const rows = parts.flatMap(({ phase, kind, prefix, table }) =>
    Array.from(table.steps, (step, row): Cell[] => [
      phase,
      kind,
      step,
      ...names.map((name) => cell(table, prefix, name, row)),
    ]),
  );
  return csvTable(['phase', 'kind', 'step', ...names], rows);
}

/** One row per tracked sample and evaluation. */
export function instancesCsv(metrics: Metrics): string {
  const names = [...new Set(metrics.moments.flatMap(({ values }) => Object.keys(values)))];
  const rows = metrics.moments.flatMap(({ step, values }) =>
    metrics.watchedImages.map(({ index, trueLabel, givenLabel }, row): Cell[] => [
      step,
      index,
      trueLabel,
      givenLabel < 0 ? null : givenLabel,
      ...names.map((name) => values[name]?.[row]),
    ]),
  );
  return csvTable(['step', 'image', 'true_label', 'given_label', ...names], rows);
}

function cell(table: Table, prefix: string, name: string, row: number): Cell {
  return name.startsWith(prefix) ? table.columns[name.slice(prefix.length)]?.[row] : null;
}
