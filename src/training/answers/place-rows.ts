/** Which row of the set each row of a part is: by a column of its file, or by order where the counts are equal. */
import {
  AnswersProblem,
  counted,
  rowsText,
  type AnswerPart,
  type RowKey,
  type SplitName,
} from './answer-parts';

/** Of a set, as far as answers are matched with it. */
export interface SetRows {
  train: number;
  test: number;
  /** File names of the instances, those of the training split first, where the set has them. */
  names: readonly string[] | null;
}

/** The column as a message names it: pandas writes one without a name. */
const keyText = ({ of }: Pick<RowKey, 'of'>) => (of === '' ? 'its first column' : `“${of}”`);

const splitWords: Readonly<Record<SplitName, string>> = { train: 'training', test: 'test' };

/**
 * @returns [rows] numbers of rows in the set, those of the training split first, and a sentence on how they were found
 * @throws AnswersProblem with counts and an example where they cannot be matched
 */
export function placesOf(part: AnswerPart, set: SetRows): { places: Int32Array; how: string } {
  const { key } = part;
  if (key) refuseDoubles(part);
  if (key?.kind === 'name' && set.names) return byName(part, key.values, set.names);
  const index = key?.kind === 'index' ? key.values : null;
  const unnamed = key?.kind === 'name' ? ` The set keeps no file names, so ${keyText(key)} is not used.` : '';
  const said = (text: string) => `${part.where}: ${text}.${unnamed}`;
  if (part.splits)
    return {
      places: bySplits(part, part.splits, index, set),
      how: said(
        index ? `rows by ${keyText(key!)} within each split` : 'rows in their order within each split',
      ),
    };
  const split = part.split ?? soleSplit(part, index, set);
  const within = split ? `the ${splitWords[split]} split` : 'the whole set, training first';
  if (index)
    return { places: byIndex(part, index, split, set), how: said(`rows by ${keyText(key!)} in ${within}`) };
  const [from, count] = rangeOf(split, set);
  if (part.rows !== count) throw wrongCount(part, split, set);
  return {
    places: Int32Array.from({ length: count }, (_, i) => from + i),
    how: said(`rows in their order, ${within}`),
  };
}

function rangeOf(split: SplitName | null, { train, test }: SetRows): [from: number, count: number] {
  if (split === null) return [0, train + test];
  return split === 'train' ? [0, train] : [train, test];
}

/** Of a part that does not say which split it is of: the one with as many rows; null for the whole set. */
function soleSplit({ rows, where }: AnswerPart, index: Float64Array | null, set: SetRows): SplitName | null {
  const { train, test } = set;
  if (rows === train + test) return null;
  if (rows === train && rows === test)
    throw new AnswersProblem(
      `${where} has ${rowsText(rows)}, as many as the training split and as the test split of this set. Say in its name which they are: “train” or “test”.`,
    );
  if (rows === train) return 'train';
  if (rows === test) return 'test';
  if (index) return null;
  throw wrongCount({ rows, where }, null, set);
}

function wrongCount(
  { rows, where }: Pick<AnswerPart, 'rows' | 'where'>,
  split: SplitName | null,
  { train, test }: SetRows,
): AnswersProblem {
  const has = `this set has ${counted(train)} training and ${counted(test)} test instances`;
  const wanted = split ? `${has}` : `${has}, ${counted(train + test)} in all`;
  return new AnswersProblem(
    `${where} has ${rowsText(rows)}${split ? ` for the ${splitWords[split]} split` : ''}, and ${wanted}. Without a column of row numbers the counts must be equal.`,
  );
}

function refuseDoubles({ key, where, splits }: AnswerPart): void {
  const seen = new Map<string, number>();
  let doubled = 0;
  let example = '';
  for (const [row, value] of key!.values.entries()) {
    const text = splits && key!.kind === 'index' ? `${splits[row]} ${value}` : String(value);
    if (seen.has(text)) {
      if (doubled++ === 0) example = `“${value}” in rows ${seen.get(text)! + 1} and ${row + 1}`;
    } else seen.set(text, row);
  }
  if (doubled > 0)
    throw new AnswersProblem(
      `${where}: ${counted(doubled)} of the values of ${keyText(key!)} ${doubled === 1 ? 'occurs' : 'occur'} more than once, such as ${example}. Each instance has one row.`,
    );
}

/** Row numbers that begin at 0 or at 1, within the split or counted through the whole set. */
function byIndex(
  { where, key }: Pick<AnswerPart, 'where' | 'key'>,
  index: Float64Array,
  split: SplitName | null,
  set: SetRows,
): Int32Array {
  const [from, count] = rangeOf(split, set);
  let [low, high] = [Infinity, -Infinity];
  for (const value of index) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const shift =
    low === 1 && high === count ? -1 : split === 'test' && low >= from && high < from + count ? -from : 0;
  const odd = index.findIndex(
    (value) => !Number.isInteger(value) || value + shift < 0 || value + shift >= count,
  );
  if (odd >= 0) {
    const odds = index.filter(
      (value) => !Number.isInteger(value) || value + shift < 0 || value + shift >= count,
    );
    throw new AnswersProblem(
      `${where}: ${counted(odds.length)} of the row numbers of ${keyText(key!)} ${odds.length === 1 ? 'is none' : 'are none'} of this set, such as ${index[odd]} in row ${odd + 1}. They go from 0 to ${counted(count - 1)}.`,
    );
  }
  return Int32Array.from(index, (value) => from + value + shift);
}

function bySplits(
  part: AnswerPart,
  splits: NonNullable<AnswerPart['splits']>,
  index: Float64Array | null,
  set: SetRows,
): Int32Array {
  const places = new Int32Array(part.rows);
  for (const split of ['train', 'test'] as const) {
    const rows = [...splits.keys()].filter((row) => splits[row] === split);
    if (rows.length === 0) continue;
    const [from, count] = rangeOf(split, set);
    if (!index && rows.length !== count)
      throw wrongCount({ where: part.where, rows: rows.length }, split, set);
    const own = index
      ? byIndex(
          part,
          Float64Array.from(rows, (row) => index[row]!),
          split,
          set,
        )
      : Int32Array.from(rows, (_, i) => from + i);
    rows.forEach((row, i) => (places[row] = own[i]!));
  }
  return places;
}

const bareName = (name: string) => name.replaceAll('\\', '/').replace(/^\.?\//, '');
const fileName = (name: string) => bareName(name).slice(bareName(name).lastIndexOf('/') + 1);
const stem = (name: string) => fileName(name).replace(/\.[a-z\d]{2,5}$/i, '');

/** By the whole path, else by the file's name, else by that without its ending: the first under which all are found. */
function byName(
  { where, key }: AnswerPart,
  given: readonly string[],
  names: readonly string[],
): { places: Int32Array; how: string } {
  let fewest: number[] | null = null;
  for (const form of [bareName, fileName, stem]) {
    const known = new Map<string, number>();
    const twice = new Set<string>();
    names.forEach((name, place) => {
      if (known.has(form(name))) twice.add(form(name));
      known.set(form(name), place);
    });
    const places = given.map((name) => (twice.has(form(name)) ? -1 : (known.get(form(name)) ?? -1)));
    const missing = [...places.keys()].filter((row) => places[row]! < 0);
    if (missing.length === 0)
      return {
        places: Int32Array.from(places),
        how: `${where}: rows by the file names in ${keyText(key!)}.`,
      };
    if (!fewest || missing.length < fewest.length) fewest = missing;
  }
  const example = given[fewest![0]!];
  throw new AnswersProblem(
    `${where}: ${counted(fewest!.length)} of ${counted(given.length)} names in ${keyText(key!)} ${fewest!.length === 1 ? 'is' : 'are'} not found in this set, such as “${example}”. The set has “${names[0]}”.`,
  );
}
