/** Numbers of a run as comma-separated text, for spreadsheets and data frames. */
import type { Phase } from '../training/events';
import { csvLine, numberCell } from './csv';
import type { RunRecord, Table } from './record';

const phases: readonly Phase[] = ['teacher', 'prelude', 'student'];

/**
 * One line per step or evaluation, one column per quantity. Steps and evaluations share the file: `kind` tells them
 * apart, and accuracies are prefixed, so that no name means two things.
 */
export function metricsCsv(record: RunRecord): string {
  const parts = phases.flatMap((phase) => [
    { phase, kind: 'step', prefix: 'loss:', table: record.steps[phase] },
    { phase, kind: 'evaluation', prefix: 'accuracy:', table: record.evaluations[phase] },
  ]);
  const names = [
    ...new Set(parts.flatMap(({ prefix, table }) => Object.keys(table.columns).map((key) => prefix + key))),
  ];
  const lines = [csvLine(['phase', 'kind', 'step', ...names])];
  for (const { phase, kind, prefix, table } of parts)
    for (let row = 0; row < table.steps.length; row += 1)
      lines.push(
        csvLine([phase, kind, table.steps[row]!, ...names.map((name) => cell(table, prefix, name, row))]),
      );
  return `${lines.join('\n')}\n`;
}

/** One line per watched image and moment. */
export function instancesCsv(record: RunRecord): string {
  const names = [...new Set(record.moments.flatMap(({ values }) => Object.keys(values)))];
  const lines = [csvLine(['step', 'image', 'true_label', 'given_label', ...names])];
  for (const { step, values } of record.moments)
    record.watched.forEach(({ index, trueLabel, givenLabel }, row) => {
      const numbers = names.map((name) => numberCell(values[name]?.[row]));
      lines.push(csvLine([step, index, trueLabel, givenLabel < 0 ? '' : givenLabel, ...numbers]));
    });
  return `${lines.join('\n')}\n`;
}

function cell(table: Table, prefix: string, name: string, row: number): string {
  if (!name.startsWith(prefix)) return '';
  return numberCell(table.columns[name.slice(prefix.length)]?.[row]);
}
