/** What is learned of pictures that a table describes: one of its columns, or several. */
import type { ImportContext } from './import-context';
import type { RowTargets } from './raw-dataset';
import { labelTitles, type NamedRow, type NamedRows } from './read-label-table';
import { cellOf, decimalMarkOf } from './tables/cells';
import { distinctNames } from './tables/column-table';
import { labelsIn } from './tables/label-lists';
import { withoutSharedStart } from './tables/one-hot';
import { TableColumn } from './tables/table-column';
import { canLearn, chooseTarget } from './tables/target';

/** What a row says of its picture; null where it says nothing. */
export interface RowLabel {
  /** Its class, or its targets in words. */
  text: string;
  targets?: RowTargets;
}

export interface ChosenLabels {
  of: (row: NamedRow) => RowLabel | null;
  /** Titles of what is learned. */
  titles: string[];
  /** Whether the user may decide that the labels are classes, here and not later. */
  areClasses: boolean;
}

/** A table with one column beside the names has nothing to choose, unless its cells list labels. */
export function chooseLabels(
  tables: readonly NamedRows[],
  where: string,
  context: ImportContext,
): ChosenLabels {
  const [{ columns: titles, label, titles: header }] = tables as readonly [NamedRows];
  const rows = tables.flatMap((table) => table.rows);
  const asWritten: ChosenLabels = {
    of: ({ cells }) => (cells[label] ? { text: cells[label] } : null),
    titles: titles[label] ? [titles[label]] : [],
    areClasses: false,
  };
  const marks = titles.map(
    (_, column) => decimalMarkOf(rows.map(({ cells }) => cells[column] ?? '')) ?? 'point',
  );
  const isSigned = titles.map(
    (_, column) => rows.length > 0 && rows.every(({ cells }) => isSign(cells[column])),
  );
  const read = ({ cells }: NamedRow, column: number) => {
    const cell = cellOf(cells[column] ?? '', marks[column]!);
    return cell === -1 && isSigned[column] ? 0 : cell;
  };
  const columns = distinctNames(titles).map((name, at) => {
    const column = new TableColumn(name);
    for (const row of rows) column.add(read(row, at));
    return column;
  });
  const table = {
    columns,
    names: columns.map(({ name }) => name),
    rows: rows.length,
    where,
    isTitled: header !== '',
  };
  const usable = columns.filter((_, column) => canLearn(table, column, context));
  if (usable.length === 0 || (titles.length === 1 && !canLearn(table, 0, context)?.lists)) return asWritten;
  const isTitled = labelTitles.test(titles[label] ?? '');
  const {
    kind,
    columns: chosen,
    lists,
  } = chooseTarget(table, context, { likely: label, areTargets: !isTitled, isOpen: true });
  const names = chosen.map((column) => table.names[column]!);
  const cellsOf = (row: NamedRow) => chosen.map((column) => read(row, column));
  if (kind === 'class') {
    const column = chosen[0]!;
    return {
      of: ({ cells }) => (cells[column] ? { text: cells[column] } : null),
      titles: names,
      areClasses: true,
    };
  }
  if (kind === 'list') {
    const known = lists!.labels;
    return {
      of: ({ cells }) => {
        const text = cells[chosen[0]!] ?? '';
        if (text === '') return null;
        const own = new Set(labelsIn(text, lists!.separator));
        return { text, targets: { of: 'labels', values: known.map((name) => Number(own.has(name))) } };
      },
      titles: known,
      areClasses: false,
    };
  }
  if (kind === 'oneHot') {
    const classes = withoutSharedStart(names);
    return {
      of: (row) => {
        const text = classes[cellsOf(row).findIndex((cell) => cell === 1)];
        return text === undefined ? null : { text };
      },
      titles: [],
      areClasses: true,
    };
  }
  return {
    of: (row) => {
      const values = cellsOf(row);
      if (!values.every((value) => typeof value === 'number')) return null;
      return { text: values.join(', '), targets: { of: kind === 'labels' ? 'labels' : 'numbers', values } };
    },
    titles: names,
    areClasses: false,
  };
}

/** Some tables of labels have −1 for an absent one, as CelebA's. */
function isSign(cell: string | undefined): boolean {
  return cell === '1' || cell === '-1';
}
