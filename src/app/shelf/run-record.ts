import type { RunRecord as PlainRecord, Table } from '../../export/record';
import type { RunRecord } from '../../record/run-record';
import type { SeriesTable } from '../../record/series';
import type { RunEntry } from '../store/runs';

/** A run as plain data, for files. */
export function recordOf(run: RunEntry, history: RunRecord): PlainRecord {
  const { snapshots, watched } = history;
  return {
    name: run.name,
    number: run.number,
    recipe: history.recipe,
    facts: history.facts,
    final: run.final,
    perClass: history.outcome?.perClass ?? null,
    seconds: history.outcome?.seconds ?? null,
    knobs: history.marks.map(({ phase, step, path, from, to }) => ({ phase, step, path, from, to })),
    steps: tablesOf(history.steps),
    evaluations: tablesOf(history.evaluations),
    watched: watched?.images ?? [],
    moments: snapshots.steps.map((step, moment) => ({
      step,
      values: Object.fromEntries(
        snapshots.quantities.flatMap((quantity) => {
          const values = snapshots.at(moment, quantity);
          return values ? [[quantity, values]] : [];
        }),
      ),
    })),
  };
}

function tablesOf({ teacher, prelude, student }: RunRecord['steps']): PlainRecord['steps'] {
  return { teacher: tableOf(teacher), prelude: tableOf(prelude), student: tableOf(student) };
}

function tableOf(table: SeriesTable): Table {
  return {
    steps: table.steps,
    columns: Object.fromEntries(table.keys.map((key) => [key, table.column(key)])),
  };
}
