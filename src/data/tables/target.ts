/** Which columns of a table are the target, and what kind of target they are. */
import { Refusal, type ImportContext } from '../import-context';
import { plural } from '../limits';
import type { ColumnTable } from './column-table';
import type { TableColumn } from './table-column';

export interface ChosenTarget {
  kind: 'class' | 'number' | 'labels';
  /** Numbers of the columns. */
  columns: number[];
}

/** Titles that can hardly be those of anything else; they come before the others. */
const plainTitle = /^(labels?|class(es)?|target)$/i;
const targetTitle =
  /^(labels?|class(es)?|target|y|species|category|categories|digit|outcome|diagnosis|result|survived|quality|variety|type|classification)$/i;
const targetEnd = /[ _-](label|class|target|category)$|^(label|class|target)[ _-]/i;

/** Titles of several labels, such as "label_red" or "Class3". */
const labelTitle = /^(labels?|tags?|class|target|y)[ _-]?\w+/i;

/** More different values than this are rather numbers than classes. */
const mostClassValues = 20;

export function chooseTarget(table: ColumnTable, context: ImportContext): ChosenTarget {
  const rows = Int32Array.from({ length: table.rows }, (_, row) => row);
  const facts = table.columns.map((column) => factsOf(column, rows));
  const usable = [...facts.keys()].filter((column) => canBeTarget(facts[column]!));
  if (usable.length === 0)
    throw new Refusal(
      `${table.where} has no column that can be learned: each is empty, the same in every row, or another text in every row.`,
    );
  const options = usable.map((column) => ({ value: String(column + 1), text: table.names[column]! }));
  const picked = context.pick('target', 'To learn', options, String(likelyTarget(table, facts, usable) + 1));
  const column = Number(picked) - 1;
  const run = labelRun(facts, column);
  const kind = kindOf(table, facts[column]!, run, context);
  return { kind, columns: kind === 'labels' ? run : [column] };
}

interface Facts {
  column: TableColumn;
  numbers: ReadonlySet<number>;
  /** Whether most filled cells are numbers. */
  isOfNumbers: boolean;
  hasDecimals: boolean;
  /** Different values, texts and numbers together. */
  different: number;
  filled: number;
}

function factsOf(column: TableColumn, rows: Int32Array): Facts {
  const numbers = column.differentNumbers(rows);
  const filled = column.numbers + column.words;
  return {
    column,
    numbers,
    isOfNumbers: column.numbers >= 0.9 * filled && filled > 0,
    hasDecimals: [...numbers].some((value) => !Number.isInteger(value)),
    different: numbers.size + column.texts.length,
    filled,
  };
}

function canBeTarget({ isOfNumbers, different, filled, column }: Facts): boolean {
  if (different < 2 || filled < 2) return false;
  return isOfNumbers || (!column.hasManyTexts && different < filled);
}

/** The column named as a target; else the last, or the first where that resembles classes and the last does not. */
function likelyTarget(table: ColumnTable, facts: readonly Facts[], usable: readonly number[]): number {
  const named =
    usable.find((column) => plainTitle.test(table.names[column]!)) ??
    usable.find((column) => targetTitle.test(table.names[column]!)) ??
    usable.findLast((column) => targetEnd.test(table.names[column]!));
  if (named !== undefined) return named;
  const [first, last] = [usable[0]!, usable.at(-1)!];
  const resembles = (column: number) => {
    const { isOfNumbers, hasDecimals, different } = facts[column]!;
    return different <= mostClassValues && !(isOfNumbers && (hasDecimals || table.isTitled));
  };
  return first === 0 && resembles(first) && !resembles(last) ? first : last;
}

/** Neighbouring columns of zeros and ones around a column. */
function labelRun(facts: readonly Facts[], column: number): number[] {
  const isLabel = (at: number) => {
    const known = facts[at];
    return (
      known !== undefined && known.column.words === 0 && [...known.numbers].every((v) => v === 0 || v === 1)
    );
  };
  if (!isLabel(column)) return [];
  let [from, to] = [column, column];
  while (isLabel(from - 1)) from--;
  while (isLabel(to + 1)) to++;
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function kindOf(
  table: ColumnTable,
  { isOfNumbers, hasDecimals, numbers, different, filled }: Facts,
  run: readonly number[],
  context: ImportContext,
): ChosenTarget['kind'] {
  const options: { value: ChosenTarget['kind']; text: string }[] = [];
  if (different <= context.limits.classes && different < filled)
    options.push({ value: 'class', text: 'classes' });
  if (isOfNumbers) options.push({ value: 'number', text: 'numbers' });
  if (run.length > 1)
    options.push({
      value: 'labels',
      text: `several labels at once: ${plural(run.length, 'column')} from “${table.names[run[0]!]}” to “${table.names[run.at(-1)!]}”`,
    });
  const isMany = numbers.size > mostClassValues && (hasDecimals || numbers.size > filled / 20);
  const areLabels = run.length > 1 && run.every((at) => labelTitle.test(table.names[at]!));
  const guess = areLabels ? 'labels' : isOfNumbers && isMany ? 'number' : 'class';
  const known = options.some(({ value }) => value === guess) ? guess : options[0]!.value;
  return context.pick('targetKind', 'What is learned are', options, known) ?? known;
}
