/** Numbers of a run as comma-separated text, for spreadsheets and data frames. */
import { csvTable, type Cell } from './csv-table';
import type { Metrics, Table } from '../record/run-metrics';
import { phaseOrder } from '../record/run-record';

/**
 * One line per step or evaluation, one column per quantity. Steps and evaluations share the file: `kind` tells them
 * apart, and accuracies are prefixed, so that no name means two things.
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

/** One line per watched image and moment. */
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
