import type { RunRecord, Table } from './record';

/** The whole record of a run as JSON; a missing number is null. */
export function metricsJson(record: RunRecord): string {
  const { steps, evaluations, moments, ...rest } = record;
  const each = <T>(tables: RunRecord['steps'], read: (table: Table) => T) => ({
    teacher: read(tables.teacher),
    prelude: read(tables.prelude),
    student: read(tables.student),
  });
  return JSON.stringify({
    ...rest,
    steps: each(steps, plainTable),
    evaluations: each(evaluations, plainTable),
    moments: moments.map(({ step, values }) => ({
      step,
      values: Object.fromEntries(Object.entries(values).map(([name, numbers]) => [name, plain(numbers)])),
    })),
  });
}

function plainTable(table: Table): { steps: number[]; columns: Record<string, (number | null)[]> } {
  return {
    steps: Array.from(table.steps),
    columns: Object.fromEntries(Object.entries(table.columns).map(([name, values]) => [name, plain(values)])),
  };
}

function plain(values: ArrayLike<number>): (number | null)[] {
  return Array.from(values, (value) => (Number.isFinite(value) ? Number(value.toPrecision(7)) : null));
}
