/** Which columns of a table are the target, and what kind of target they are. */
import { quotedNames } from '../../limits/texts';
import { Refusal, type ImportContext } from '../import-context';
import { withUnit } from '../instance-targets';
import { counted, plural } from '../limits';
import type { ColumnTable } from './column-table';
import { labelListsIn, type LabelLists } from './label-lists';
import { exclusiveColumns } from './one-hot';
import type { TableColumn } from './table-column';

export interface ChosenTarget {
  /** `oneHot`: each row marks one of the columns. `list`: each cell lists labels. */
  kind: 'class' | 'oneHot' | 'number' | 'labels' | 'list';
  /** Numbers of the columns. */
  columns: number[];
  /** Of `list`. */
  lists?: LabelLists;
}

/** The part of a table that is looked at. */
export type TargetTable = Pick<ColumnTable, 'columns' | 'names' | 'rows' | 'where' | 'isTitled'>;

/** Titles that can hardly be those of anything else; they come before the others. */
const plainTitle = /^(labels?|class(es)?|target)$/i;
const targetTitle =
  /^(labels?|class(es)?|target|y|species|category|categories|digit|outcome|diagnosis|result|survived|quality|variety|type|classification)$/i;
const targetEnd = /[ _-](label|class|target|category)$|^(label|class|target)[ _-]/i;

/** Titles of several labels, such as "label_red" or "Class3". */
const labelTitle = /^(labels?|tags?|class|target|y)[ _-]?\w+/i;

/** More different values than this are rather numbers than classes. */
const mostClassValues = 20;

/** Titles of several numbers, such as "Y1" and "Y2". */
const numberedTitle = /^(y|target|output|label)[ _-]?\d+$/i;

/** Without a unit: "Y1" of "Y1 (cm)". */
function bareTitle({ names }: Pick<TargetTable, 'names'>, column: number): string {
  return withUnit(names[column]!).name;
}

export interface TargetHints {
  /** The column that is taken unless the user says otherwise; else it is found by titles and values. */
  likely?: number;
  /** Whether all columns are rather targets than inputs. */
  areTargets?: boolean;
  /** Whether the question which column is shown in view. */
  isOpen?: boolean;
}

/** Facts about a column that can be learned; null for one that cannot. */
export function canLearn(
  { columns, rows }: Pick<TargetTable, 'columns' | 'rows'>,
  column: number,
  context: ImportContext,
): Pick<Facts, 'lists'> | null {
  const facts = factsOf(
    columns[column]!,
    Int32Array.from({ length: rows }, (_, row) => row),
    context,
  );
  return canBeTarget(facts) ? facts : null;
}

export function chooseTarget(
  table: TargetTable,
  context: ImportContext,
  { likely, areTargets = false, isOpen = false }: TargetHints = {},
): ChosenTarget {
  const rows = Int32Array.from({ length: table.rows }, (_, row) => row);
  const facts = table.columns.map((column) => factsOf(column, rows, context));
  const usable = [...facts.keys()].filter((column) => canBeTarget(facts[column]!));
  if (usable.length === 0)
    throw new Refusal(
      `${table.where} has no column that can be learned: each is empty, the same in every row, or another text in every row.`,
    );
  warnAboutTitled(table, facts, context);
  const optionOf = (column: number) => ({ value: String(column + 1), text: table.names[column]! });
  const guess = likely !== undefined && usable.includes(likely) ? likely : likelyTarget(table, facts, usable);
  const picked = context.pick(
    'target',
    'To learn',
    usable.map(optionOf),
    String(guess + 1),
    isOpen && usable.length > 1,
  );
  const column = Number(picked) - 1;
  const run = labelRun(facts, column);
  const oneHot = exclusiveColumns(table.columns, table.rows, run, column);
  const kind = kindOf(table, facts[column]!, run, oneHot, areTargets, context);
  const namesOf = (of: readonly number[]) => of.map((at) => table.names[at]!);
  if (kind === 'oneHot') return { kind, columns: oneHot };
  if (kind === 'list') return { kind, columns: [column], lists: facts[column]!.lists! };
  if (kind === 'class') {
    const inputs = namesOf(oneHot.filter((at) => at !== column));
    if (inputs.length > 0)
      context.warn(
        `${quotedNames(inputs)} ${inputs.length === 1 ? 'is an input' : 'are inputs'} here, and each row marks one of all these columns, so the inputs tell the class. Choose “classes, marked in ${plural(oneHot.length, 'column')}” to learn them together.`,
      );
    return { kind, columns: [column] };
  }
  const isMore =
    kind === 'number'
      ? (at: number) => usable.includes(at) && facts[at]!.isOfNumbers
      : (at: number) => facts[at]!.isOfLabels;
  const more = [...facts.keys()].filter((at) => at !== column && isMore(at));
  const isNumbered = numberedTitle.test(bareTitle(table, column));
  const others =
    kind === 'labels'
      ? run
      : more.filter(
          (at) =>
            (areTargets && isMany(facts[at]!)) || (isNumbered && numberedTitle.test(bareTitle(table, at))),
        );
  const further = kind === 'labels' ? 'Further labels' : 'Further numbers';
  const also =
    more.length === 0
      ? []
      : context.several(
          'alsoTargets',
          further,
          more.map(optionOf),
          others.map((at) => String(at + 1)),
        );
  const columns = [column, ...also.map((value) => Number(value) - 1)].sort((a, b) => a - b);
  const left = namesOf(others.filter((at) => !columns.includes(at)));
  if (left.length > 0)
    context.warn(
      `${quotedNames(left)} ${left.length === 1 ? 'is an input' : 'are inputs'} here and not learned; choose ${left.length === 1 ? 'it' : 'them'} under “${further}” to learn ${left.length === 1 ? 'it' : 'them'} too.`,
    );
  return { kind, columns };
}

/** Says so where a column that is called like a target cannot be one. */
function warnAboutTitled(table: TargetTable, facts: readonly Facts[], context: ImportContext): void {
  for (const [column, own] of facts.entries()) {
    const name = table.names[column]!;
    if (!plainTitle.test(bareTitle(table, column)) || canBeTarget(own)) continue;
    const { different, filled } = own;
    const why =
      filled === 0
        ? 'is empty'
        : different < 2
          ? 'is the same in every row'
          : own.column.hasManyTexts
            ? `has more than ${counted(1000)} different texts`
            : 'is another text in every row';
    context.warn(`“${name}” ${why}, so it cannot be learned.`);
  }
}

interface Facts {
  column: TableColumn;
  numbers: ReadonlySet<number>;
  /** Whether most filled cells are numbers. */
  isOfNumbers: boolean;
  hasDecimals: boolean;
  /** Whether all filled cells are 0 or 1. */
  isOfLabels: boolean;
  /** Of texts that list labels. */
  lists: LabelLists | null;
  /** Different values, texts and numbers together. */
  different: number;
  filled: number;
}

function factsOf(column: TableColumn, rows: Int32Array, { limits }: ImportContext): Facts {
  const numbers = column.differentNumbers(rows);
  const filled = column.numbers + column.words;
  return {
    column,
    numbers,
    isOfNumbers: column.numbers >= 0.9 * filled && filled > 0,
    hasDecimals: [...numbers].some((value) => !Number.isInteger(value)),
    isOfLabels: column.words === 0 && filled > 0 && [...numbers].every((v) => v === 0 || v === 1),
    lists: column.hasManyTexts ? null : labelListsIn(column.texts, limits.classes),
    different: numbers.size + column.texts.length,
    filled,
  };
}

/** Whether numbers are rather measured than names of classes. */
function isMany({ numbers, hasDecimals, filled }: Facts): boolean {
  return numbers.size > mostClassValues && (hasDecimals || numbers.size > filled / 20);
}

function canBeTarget({ isOfNumbers, lists, different, filled, column }: Facts): boolean {
  if (different < 2 || filled < 2) return false;
  return isOfNumbers || lists !== null || (!column.hasManyTexts && different < filled);
}

/** The column named as a target; else the last, or the first where that resembles classes and the last does not. */
function likelyTarget(table: TargetTable, facts: readonly Facts[], usable: readonly number[]): number {
  const named =
    usable.find((column) => plainTitle.test(bareTitle(table, column))) ??
    usable.find((column) => targetTitle.test(bareTitle(table, column))) ??
    usable.findLast((column) => targetEnd.test(bareTitle(table, column)));
  if (named !== undefined) return named;
  const [first, last] = [usable[0]!, usable.at(-1)!];
  // Letters before measurements, in a table without titles.
  const isWord = ({ column }: Facts) => column.numbers === 0;
  if (!table.isTitled && first === 0 && isWord(facts[0]!) && facts.slice(1).every((own) => own.isOfNumbers))
    return first;
  const resembles = (column: number) => {
    const { isOfNumbers, hasDecimals, different } = facts[column]!;
    return different <= mostClassValues && !(isOfNumbers && (hasDecimals || table.isTitled));
  };
  return first === 0 && resembles(first) && !resembles(last) ? first : last;
}

/** Neighbouring columns of zeros and ones around a column. */
function labelRun(facts: readonly Facts[], column: number): number[] {
  const isLabel = (at: number) => facts[at]?.isOfLabels === true;
  if (!isLabel(column)) return [];
  let [from, to] = [column, column];
  while (isLabel(from - 1)) from--;
  while (isLabel(to + 1)) to++;
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function kindOf(
  table: TargetTable,
  facts: Facts,
  run: readonly number[],
  oneHot: readonly number[],
  areTargets: boolean,
  context: ImportContext,
): ChosenTarget['kind'] {
  const { column, isOfNumbers, lists, different, filled } = facts;
  const fromTo = (columns: readonly number[]) =>
    `${plural(columns.length, 'column')} from “${table.names[columns[0]!]}” to “${table.names[columns.at(-1)!]}”`;
  const options: { value: ChosenTarget['kind']; text: string }[] = [];
  if (different <= context.limits.classes && different < filled && !column.hasManyTexts)
    options.push({ value: 'class', text: 'classes' });
  if (oneHot.length > 0) options.push({ value: 'oneHot', text: `classes, marked in ${fromTo(oneHot)}` });
  if (isOfNumbers) options.push({ value: 'number', text: 'numbers' });
  if (run.length > 1) options.push({ value: 'labels', text: `several labels at once: ${fromTo(run)}` });
  if (lists)
    options.push({
      value: 'list',
      text: `several labels at once: ${plural(lists.labels.length, 'label')}, listed in each cell`,
    });
  const areLabels =
    run.length > 1 && (areTargets || run.every((at) => labelTitle.test(bareTitle(table, at))));
  const guess = lists
    ? 'list'
    : oneHot.length > 0
      ? 'oneHot'
      : areLabels
        ? 'labels'
        : isOfNumbers && isMany(facts)
          ? 'number'
          : 'class';
  const known = options.some(({ value }) => value === guess) ? guess : options[0]!.value;
  return context.pick('targetKind', 'What is learned are', options, known) ?? known;
}
