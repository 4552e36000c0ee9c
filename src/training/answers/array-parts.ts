/** Parts of answers from named arrays: a NumPy file, a packed one, safetensors, or list columns of Parquet. */
import { AnswersProblem, type AnswerPart, type RowKey, type SplitName } from './answer-parts';
import { isIndexName, isLabelName, isNameName, kindOfName, splitOfName, teacherOfName } from './answer-words';
import { splitOfWord } from './answer-words';

export interface FileArray {
  /** In its file; "" for a file of one array. */
  name: string;
  shape: readonly number[];
  content: { kind: 'numbers'; values: Float64Array } | { kind: 'texts'; values: readonly string[] };
}

interface Numbers {
  name: string;
  shape: readonly number[];
  values: Float64Array;
}

/**
 * @param path of the file
 * @param width numbers per row that are wanted, or 1
 * @throws AnswersProblem when no array can be answers
 */
export function partsOfArrays(path: string, arrays: readonly FileArray[], width: number): AnswerPart[] {
  const numbers = arrays.flatMap(({ name, shape, content }): Numbers[] =>
    content.kind === 'numbers' ? [{ name, shape: squeezed(shape, width), values: content.values }] : [],
  );
  const lists = arrays.flatMap(({ name, content }) =>
    content.kind === 'texts' ? [{ name, values: content.values }] : [],
  );
  const whole = (array: Numbers) => array.values.every((value) => Number.isInteger(value));
  const indexOfTop = numbers.filter(
    (array) =>
      array.shape.length === 2 &&
      whole(array) &&
      numbers.some((other) => other !== array && sameShape(other, array) && !whole(other)),
  );
  const isTable = ({ shape }: Numbers) => shape.length === 2 || shape.length === 3;
  const isList = (array: Numbers) => array.shape.length === 1;
  let answers = numbers.filter((array) => isTable(array) && !indexOfTop.includes(array));
  // One number per row: a list that is neither of row numbers nor of labels.
  if (answers.length === 0 && width === 1)
    answers = numbers
      .filter((array) => isList(array) && !isIndexName(nameIn(path, array)) && !isLabelName(array.name))
      .map((array) => ({ ...array, shape: [array.shape[0]!, 1] }));
  if (answers.length === 0) throw noAnswers(path, arrays, width);
  answers = withoutTwins(answers);
  const placed = answers.flatMap((array) => membersOf(array));
  return placed.map((array): AnswerPart => {
    const [rows, columns] = array.shape as [number, number];
    const split = splitIn(path, array);
    const of = <T extends { name: string }>(others: readonly T[], length: (other: T) => number) =>
      others.filter((other) => length(other) === rows && fits(splitOfName(other.name), split));
    const listLength = ({ values }: { values: ArrayLike<unknown> }) => values.length;
    const named = of(lists, listLength);
    const splits = named.find(({ values }) => values.every((text) => splitOfWord(text) !== null));
    const names = named.find((list) => list !== splits && (isNameName(list.name) || rows !== columns));
    const index = of(numbers.filter(isList), listLength).find(
      (list) => whole(list) && isIndexName(list.name),
    );
    const top = of(indexOfTop, ({ shape }) => shape[0]!).find((other) => other.shape[1] === columns);
    const classes = lists.find((list) => list !== names && list.values.length === columns);
    return {
      where: array.name === '' ? path : `${path}, array “${array.name}”`,
      teacher: [teacherOfName(path), teacherOfName(array.name), array.member].filter(Boolean).join(' '),
      split,
      rows,
      values: array.values,
      width: columns,
      top: top ? Int32Array.from(top.values) : null,
      columns: top ? null : (classes?.values ?? null),
      key: keyOf(names, index),
      splits: splits ? splits.values.map(splitOfWord) : null,
      kind: kindOfName(array.name) ?? kindOfName(path),
    };
  });
}

const nameIn = (path: string, { name }: Numbers) => (name === '' ? path : name);

const splitIn = (path: string, { name }: Numbers): SplitName | null => splitOfName(name) ?? splitOfName(path);

const fits = (own: SplitName | null, wanted: SplitName | null) =>
  own === null || wanted === null || own === wanted;

const sameShape = (a: Numbers, b: Numbers) => a.shape.join() === b.shape.join();

/** Without axes of one, except where the rows are one number each. */
function squeezed(shape: readonly number[], width: number): readonly number[] {
  const [rows = 0, ...others] = shape;
  const kept = others.filter((side) => side !== 1);
  return shape.length === 0
    ? [1]
    : kept.length === 0 && others.length > 0 && width === 1
      ? [rows, 1]
      : [rows, ...kept];
}

/** [M,N,C] are the answers of M teachers. */
function membersOf(array: Numbers): (Numbers & { member: string })[] {
  if (array.shape.length === 2) return [{ ...array, member: '' }];
  const [members, rows, columns] = array.shape as [number, number, number];
  return Array.from({ length: members }, (_, m) => ({
    ...array,
    shape: [rows, columns],
    values: array.values.slice(m * rows * columns, (m + 1) * rows * columns),
    member: String(m + 1),
  }));
}

/** Of the same answers as logits and as probabilities, the logits. */
function withoutTwins(answers: readonly Numbers[]): Numbers[] {
  const key = ({ name, shape }: Numbers) => `${teacherOfName(name)}/${splitOfName(name)}/${shape.join()}`;
  const order = (array: Numbers) =>
    ['logits', 'log-probabilities', null, 'probabilities'].indexOf(kindOfName(array.name));
  const best = new Map<string, Numbers>();
  for (const array of answers) {
    const other = best.get(key(array));
    if (!other || order(array) < order(other)) best.set(key(array), array);
  }
  return answers.filter((array) => best.get(key(array)) === array);
}

function keyOf(
  names: { name: string; values: readonly string[] } | undefined,
  index: Numbers | undefined,
): RowKey | null {
  if (names) return { kind: 'name', of: names.name, values: names.values };
  return index ? { kind: 'index', of: index.name, values: index.values } : null;
}

function noAnswers(path: string, arrays: readonly FileArray[], width: number): AnswersProblem {
  const held = arrays
    .slice(0, 4)
    .map(
      ({ name, shape }) =>
        `${name === '' ? 'an array' : `“${name}”`} of ${shape.length === 0 ? 'one number' : shape.join(' × ')}`,
    )
    .join(', ');
  return new AnswersProblem(
    `“${path}” holds ${held || 'no array of numbers'}. Answers are an array with one row for each instance and one column for each ${width === 1 ? 'number' : 'class'} (N × ${width}).`,
  );
}
