/** Turns a table of columns into a data set: target, split, vectors. */
import { mostCharacters, quotedNames, shortened } from '../../limits/texts';
import { onlyView, type Dataset } from '../dataset';
import { splitOf } from '../drawn/split-of';
import { Refusal, type ImportContext } from '../import-context';
import { previewRows, type ColumnReport } from '../import-report';
import { labelTargets, numberTargets, pickedTargets, type InstanceTargets } from '../instance-targets';
import { counted, plural } from '../limits';
import { byCodePoint, roleOf, type Role } from '../paths';
import { sourcesInOrder } from '../row-sources';
import { splitMarks } from '../train-test-split';
import { fewestRows, type ColumnTable } from './column-table';
import { featuresOf } from './features';
import { labelsIn, type LabelLists } from './label-lists';
import { withoutSharedStart } from './one-hot';
import { chooseTarget, type ChosenTarget } from './target';
import type { TableColumn } from './table-column';

/** Targets of the rows that have one. */
interface TargetRows extends InstanceTargets {
  /** Rows of the table. */
  rows: Int32Array;
}

const tasks = { class: 'classification', number: 'regression', labels: 'multilabel' } as const;

/** Throws a refusal when the table holds too few rows, no column to learn or none to learn from. */
export async function assembleTable(
  table: ColumnTable,
  title: string,
  context: ImportContext,
): Promise<{ dataset: Dataset; columns: ColumnReport[] }> {
  context.progress('Putting the data set together');
  refuseFewRows(table.rows, table.where);
  const isWhole = context.skippedCount === 0;
  const chosen = chooseTarget(table, context);
  const roles = rolesOf(table, chosen.columns, context);
  const targets = targetsOf(table, chosen, context);
  refuseFewRows(targets.rows.length, `${table.where}, without the rows that have no target,`);
  await context.yieldToMessages();
  const { train, test } = split(targets, roles.of, context);
  checkClasses(targets, train, test, table.where, context);
  const order = Int32Array.from([...train, ...test], (at) => targets.rows[at]!);
  const used = new Set([...chosen.columns, ...(roles.column === null ? [] : [roles.column])]);
  const others = table.columns.filter((_, column) => !used.has(column));
  const { features, notes } = featuresOf(others, order, train.length, context);
  const { columns: described, names, values } = features;
  const reports = described.map(({ name, use }, i) => ({ name, use, note: notes[i]! }));
  const columns = inOrder(table, chosen.columns, targets, roles.column, reports);
  const prose = others.find((column) => areSentences(column));
  if (prose)
    context.warn(
      `“${prose.name}” holds texts. Texts to learn from, such as reviews, cannot be read yet, so it is left out.`,
    );
  if (names.length === 0)
    throw new Refusal(
      `${table.where} has no column to learn from beside ${chosen.columns.length > 1 ? `the ${plural(chosen.columns.length, 'column')} that are learned` : `“${table.names[chosen.columns[0]!]}”`}: ${reports.map(({ name, note }) => `“${name}” ${note}`).join(', ') || 'there is no other'}.${prose ? ' Texts to learn from cannot be read yet: give each row numbers, such as those of an embedding.' : ''}`,
    );
  warnAboutLeftOut(columns, context);
  const sources = sourcesInOrder(order, train.length, rowNamesOf(others), isWhole && !roles.isStated);
  const part = (picked: readonly number[], from: number, of: 'train' | 'test') => {
    const width = names.length;
    const rows = values.subarray(from * width, (from + picked.length) * width);
    return {
      ...splitOf(picked.length, { values: rows, shape: [width] }, pickedTargets(targets, picked)),
      ...(sources ? { sources: sources[of] } : {}),
    };
  };
  const dataset: Dataset = {
    id: 'upload',
    title,
    task: tasks[targets.spec.kind],
    inputs: {
      [onlyView]: {
        kind: 'vector',
        names: names.map((name) => shortened(name, mostCharacters.sentence)),
        columns: described,
      },
    },
    target: targets.spec,
    train: part(train, 0, 'train'),
    test: part(test, train.length, 'test'),
  };
  return { dataset, columns };
}

/** Words of a cell in the middle from which on a column is one of sentences. */
const fewestWords = 6;

function areSentences({ texts, words, length }: TableColumn): boolean {
  if (words <= length / 2) return false;
  const counts = texts.slice(0, 100).map((text) => text.split(/\s+/).length);
  return counts.sort((a, b) => a - b)[Math.floor(counts.length / 2)]! >= fewestWords;
}

/** Cells of the column that names the rows: of texts rather than of numbers; null where there is none. */
function rowNamesOf(columns: readonly TableColumn[]): string[] | null {
  const inTurn = columns.toSorted((a, b) => Number(b.words > 0) - Number(a.words > 0));
  for (const column of inTurn) {
    const names = column.rowNames();
    if (names) return names;
  }
  return null;
}

function refuseFewRows(rows: number, where: string): void {
  if (rows < fewestRows)
    throw new Refusal(`${where} has ${plural(rows, 'row')}; a table needs at least ${fewestRows}.`);
}

function targetsOf(table: ColumnTable, chosen: ChosenTarget, context: ImportContext): TargetRows {
  const { kind, columns } = chosen;
  const own = columns.map((column) => table.columns[column]!);
  const isOfTexts = kind === 'class' || kind === 'list';
  const has = (column: TableColumn, row: number) =>
    isOfTexts ? column.textAt(row) !== null : !Number.isNaN(column.numberAt(row));
  const rows: number[] = [];
  let without = 0;
  for (let row = 0; row < table.rows; row++)
    if (own.every((column) => has(column, row))) rows.push(row);
    else without++;
  if (without > 0) context.skip(table.where, `${plural(without, 'row has', 'rows have')} no target`, without);
  const ofClasses = (nameAt: (row: number) => string) =>
    classTargets(table.where, `“${own[0]!.name}”`, nameAt, rows, context);
  if (kind === 'class') {
    const written = withoutFullStops(own[0]!, table.where, context);
    return ofClasses((row) => {
      const text = own[0]!.textAt(row)!;
      return written.get(text) ?? text;
    });
  }
  const titles = own.map(({ name }) => name);
  if (kind === 'oneHot') {
    const names = withoutSharedStart(titles);
    return ofClasses((row) => names[own.findIndex((column) => column.numberAt(row) === 1)]!);
  }
  const known = Int32Array.from(rows);
  if (kind === 'list') return { ...listTargets(own[0]!, rows, chosen.lists!), rows: known };
  const values = rows.flatMap((row) => own.map((column) => column.numberAt(row)));
  return kind === 'number'
    ? {
        ...numberTargets(
          Float32Array.from(values),
          titles,
          own.map(({ unit }) => unit),
        ),
        rows: known,
      }
    : { ...labelTargets(Uint8Array.from(values), titles), rows: known };
}

/**
 * Classes that are there with and without a full stop, as UCI's census has them in its training and its test file, by the
 * way that they are written without it. Empty where any class is there in one way alone.
 */
function withoutFullStops(column: TableColumn, where: string, context: ImportContext): Map<string, string> {
  const texts = new Set(column.texts);
  const ended = [...texts].filter((text) => text.endsWith('.') && texts.has(text.slice(0, -1)));
  if (ended.length < 2 || 2 * ended.length !== texts.size) return new Map();
  context.warn(
    `“${column.name}” of ${where} has its classes with and without a full stop, such as “${ended[0]}”; both are one class.`,
  );
  return new Map(ended.map((text) => [text, text.slice(0, -1)]));
}

function listTargets(
  column: TableColumn,
  rows: readonly number[],
  { labels, separator }: LabelLists,
): InstanceTargets {
  const names = [...labels].sort(byCodePoint);
  const values = new Uint8Array(rows.length * names.length);
  for (const [i, row] of rows.entries())
    for (const label of labelsIn(column.textAt(row)!, separator))
      values[i * names.length + names.indexOf(label)] = 1;
  return labelTargets(values, names);
}

/** @param column in words */
function classTargets(
  where: string,
  column: string,
  nameAt: (row: number) => string,
  all: readonly number[],
  context: ImportContext,
): TargetRows {
  const counts = new Map<string, number>();
  for (const row of all) counts.set(nameAt(row), (counts.get(nameAt(row)) ?? 0) + 1);
  const lonely = [...counts].filter(([, count]) => count < 2).map(([name]) => name);
  for (const name of lonely) context.skip(where, `the only row of class “${shortened(name, 60)}”`);
  const names = [...counts.keys()].filter((name) => !lonely.includes(name)).sort(inClassOrder);
  if (names.length < 2)
    throw new Refusal(
      `${where} has ${names.length === 0 ? 'no class' : `only one class (“${shortened(names[0]!, 60)}”)`} of two rows or more in column ${column}. Choose another column to learn, or learn numbers.`,
    );
  if (names.length > context.limits.classes)
    throw new Refusal(
      `Column ${column} of ${where} has ${counted(names.length)} classes; the limit is ${counted(context.limits.classes)}. Choose another column to learn, or learn numbers.`,
    );
  const numberOf = new Map(names.map((name, i) => [name, i]));
  const rows = Int32Array.from(all.filter((row) => numberOf.has(nameAt(row))));
  const values = rows.map((row) => numberOf.get(nameAt(row))!);
  const spec = { kind: 'class' as const, names: names.map((name) => shortened(name, mostCharacters.label)) };
  return { spec, rows, width: 1, values, strata: values, names, each: 'of each class' };
}

/** Numbers by value, texts by code point. */
function inClassOrder(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? byCodePoint(a, b) : x - y;
}

const splitTitle = /^(split|set|subset|partition|fold|usage|part)$/i;

/** The split of each row, from a column that states it, else from the files. */
function rolesOf(
  table: ColumnTable,
  targets: readonly number[],
  context: ImportContext,
): { column: number | null; isStated: boolean; of: (row: number) => Role | null } {
  const column = table.columns.findIndex(
    ({ name, texts, words, length }, at) =>
      !targets.includes(at) &&
      splitTitle.test(name) &&
      words === length &&
      texts.length > 1 &&
      texts.every((text) => roleOf(text) !== null),
  );
  if (column >= 0)
    return { column, isStated: true, of: (row) => roleOf(table.columns[column]!.textAt(row)!) };
  const named = table.columns.find(
    ({ name, words }, at) => !targets.includes(at) && words > 0 && splitTitle.test(name),
  );
  if (named)
    context.warn(
      `“${named.name}” is called like a split, but not all of its cells are names of splits (train, validation, test), so it is read like any other column.`,
    );
  const byRow = table.parts.flatMap(({ role, count }) => new Array<Role | null>(count).fill(role));
  return { column: null, isStated: new Set(byRow).size > 1, of: (row) => byRow[row] ?? null };
}

const roles: readonly (Role | null)[] = ['train', null, 'validation', 'test'];

/** Numbers of the rows of each split, in the order of the table. */
function split(
  { rows, strata, names, each }: TargetRows,
  roleOfRow: (row: number) => Role | null,
  context: ImportContext,
): { train: number[]; test: number[] } {
  const groups = roles.map((role) => ({
    role,
    members: [...rows.keys()].filter((at) => roleOfRow(rows[at]!) === role),
  }));
  const order = groups.flatMap(({ members }) => members);
  const marks = splitMarks(
    groups.map(({ role, members }) => ({ role, count: members.length })),
    Int32Array.from(order, (at) => strata[at]!),
    names,
    context,
    { instances: 'rows', each },
  );
  const marked = (mark: number) => order.filter((_, i) => marks[i] === mark).sort((a, b) => a - b);
  return { train: marked(0), test: marked(1) };
}

/** Refuses a test without any class that is learned; says which classes are in one of the splits alone. */
function checkClasses(
  { spec, values }: TargetRows,
  train: readonly number[],
  test: readonly number[],
  where: string,
  context: ImportContext,
): void {
  if (spec.kind !== 'class') return;
  const classesOf = (rows: readonly number[]) => new Set(rows.map((at) => values[at]!));
  const [taught, tested] = [classesOf(train), classesOf(test)];
  if (![...tested].some((label) => taught.has(label)))
    throw new Refusal(
      `The training and the test rows of ${where} have no class in common. Give the same classes the same names in both, or split anew.`,
    );
  const unseen = [...tested].filter((label) => !taught.has(label)).map((label) => spec.names[label]!);
  if (unseen.length > 0)
    context.warn(
      `${plural(unseen.length, 'class has', 'classes have')} no training row and cannot be learned: ${quotedNames(unseen)}.`,
    );
}

function inOrder(
  { columns, rows }: ColumnTable,
  targets: readonly number[],
  { spec }: TargetRows,
  splitColumn: number | null,
  reports: readonly Omit<ColumnReport, 'cells'>[],
): ColumnReport[] {
  const of = new Map(reports.map((report) => [report.name, report]));
  const kinds = { class: 'classes', number: 'numbers', labels: 'labels' };
  const shown = Array.from({ length: Math.min(rows, previewRows) }, (_, row) => row);
  return columns.map((source, column): ColumnReport => {
    const { name } = source;
    const cells = shown.map((row) => shortened(source.textAt(row) ?? '', mostCharacters.quote));
    const unit = spec.kind === 'number' && source.unit !== '' ? ` in ${source.unit}` : '';
    if (targets.includes(column)) return { name, use: 'target', note: kinds[spec.kind] + unit, cells };
    if (column === splitColumn) return { name, use: 'split', note: '', cells };
    return { ...of.get(name)!, cells };
  });
}

function warnAboutLeftOut(columns: readonly ColumnReport[], context: ImportContext): void {
  const gone = columns.filter(({ use }) => use === 'left out');
  if (gone.length === 0) return;
  const shown = gone.slice(0, 8).map(({ name, note }) => `“${shortened(name, 60)}” ${note}`);
  const more = gone.length > shown.length ? `, and ${counted(gone.length - shown.length)} more` : '';
  context.warn(`${plural(gone.length, 'column was', 'columns were')} left out: ${shown.join(', ')}${more}.`);
}
