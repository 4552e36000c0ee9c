/** Parts of answers from a table of cells: comma-separated text, or plain columns of Parquet. */
import { AnswersProblem, type AnswerPart, type RowKey } from './answer-parts';
import {
  isIndexName,
  isLabelName,
  isNameName,
  isSplitName,
  kindOfName,
  splitOfName,
  splitOfWord,
  teacherOfName,
} from './answer-words';

export interface TableColumn {
  /** "" where the file gives none. */
  name: string;
  /** One of both: numbers, NaN for an empty cell, or texts. */
  numbers: Float64Array | null;
  texts: readonly string[] | null;
}

/**
 * @param path of the file
 * @param hasNames whether the columns have names
 * @param wanted names of the outputs
 * @throws AnswersProblem when there are no columns of numbers
 */
export function partOfTable(
  path: string,
  columns: readonly TableColumn[],
  hasNames: boolean,
  wanted: readonly string[],
): AnswerPart {
  const isOutput = ({ name }: TableColumn) =>
    wanted.some((output) => output.toLowerCase() === name.trim().toLowerCase());
  const texts = columns.filter(({ numbers }) => numbers === null);
  const numbers = columns.filter((column) => column.numbers !== null);
  const splits = texts.find(
    (column) =>
      column.texts!.every((cell) => splitOfWord(cell) !== null) && (!hasNames || isSplitName(column.name)),
  );
  const distinct = ({ texts: cells, numbers: own }: TableColumn) => new Set<unknown>(cells ?? own).size;
  const names = texts
    .filter((column) => column !== splits)
    .toSorted((a, b) => Number(isNameName(b.name)) - Number(isNameName(a.name)) || distinct(b) - distinct(a))
    .find((column) => isNameName(column.name) || distinct(column) > wanted.length);
  const index = numbers.find((column, place) =>
    hasNames
      ? isIndexName(column.name) && isWhole(column) && !isOutput(column)
      : place === 0 &&
        numbers.length === wanted.length + 1 &&
        isWhole(column) &&
        distinct(column) === rowsOf(column),
  );
  const others = numbers.filter((column) => column !== index);
  const top = topColumns(others);
  const answers = top
    ? top.values
    : others.filter(
        (column) =>
          !hasNames ||
          isOutput(column) ||
          !(isLabelName(column.name) && isWhole(column) && !/\d$/.test(column.name)),
      );
  if (answers.length === 0)
    throw new AnswersProblem(
      `“${path}” has no columns of numbers beside ${
        [index, names]
          .map((column) => column && `“${column.name}”`)
          .filter(Boolean)
          .join(' and ') || 'its texts'
      }. Answers are one column of numbers for each class.`,
    );
  const rows = rowsOf(answers[0]!);
  const flat = (of: readonly TableColumn[]) =>
    Float64Array.from(
      { length: rows * of.length },
      (_, i) => of[i % of.length]!.numbers![Math.floor(i / of.length)]!,
    );
  const key: RowKey | null = names
    ? { kind: 'name', of: names.name, values: names.texts! }
    : index
      ? { kind: 'index', of: index.name, values: index.numbers! }
      : null;
  return {
    where: path,
    teacher: teacherOfName(path),
    split: splitOfName(path),
    rows,
    values: flat(answers),
    width: answers.length,
    top: top ? Int32Array.from(flat(top.classes)) : null,
    columns: hasNames && !top ? answers.map(({ name }) => name) : null,
    key,
    splits: splits ? splits.texts!.map(splitOfWord) : null,
    kind: (hasNames ? kindOfName(answers[0]!.name) : null) ?? kindOfName(path),
  };
}

const rowsOf = ({ texts, numbers }: TableColumn) => (texts ?? numbers)!.length;

const isWhole = ({ numbers }: TableColumn) => numbers!.every(Number.isInteger);

/** Columns in pairs, such as class1, prob1, class2, prob2: whole numbers beside others of the same number in their name. */
function topColumns(
  columns: readonly TableColumn[],
): { classes: TableColumn[]; values: TableColumn[] } | null {
  const numberOf = ({ name }: TableColumn) => /(\d+)\D*$/.exec(name)?.[1] ?? null;
  const classes = columns.filter(
    (column) =>
      isWhole(column) && numberOf(column) !== null && /class|index|idx|label|id|top/i.test(column.name),
  );
  const values = classes.map((column) =>
    columns.find((other) => !classes.includes(other) && numberOf(other) === numberOf(column)),
  );
  if (classes.length === 0 || values.some((column) => column === undefined)) return null;
  const isAll = classes.length * 2 === columns.filter((column) => numberOf(column) !== null).length;
  return isAll ? { classes, values: values as TableColumn[] } : null;
}
