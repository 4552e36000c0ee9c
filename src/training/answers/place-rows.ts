/**
 * Which row of the set each row of a part is: by names in a column of its file, by row numbers there, or by order where
 * the counts are equal.
 */
import { stem } from '../../data/paths';
import {
  AnswersProblem,
  counted,
  rowsText,
  type AnswerPart,
  type RowKey,
  type SplitName,
} from './answer-parts';
import { isNameName } from './answer-words';

/** Of a set, as far as answers are matched with it. */
export interface SetRows {
  train: number;
  test: number;
  /** File names of the instances, those of the training split first, where the set has them. */
  names: readonly string[] | null;
  /** [train+test] places of the instances in the set's own files, where its split gave them another order. */
  places: Int32Array | null;
}

/** The column as a message names it: pandas writes one without a name. */
const keyText = ({ of }: Pick<RowKey, 'of'>) => (of === '' ? 'its first column' : `“${of}”`);

const splitWords: Readonly<Record<SplitName, string>> = { train: 'training', test: 'test' };

/**
 * @returns [rows] numbers of rows in the set, those of the training split first, -1 for rows of instances that it left
 * out, and a sentence on how they were found
 * @throws AnswersProblem with counts and an example where they cannot be matched
 */
export function placesOf(part: AnswerPart, set: SetRows): { places: Int32Array; how: string } {
  const { key } = part;
  if (key) refuseDoubles(part);
  if (key && set.names && (key.kind === 'name' || areNames(key, set.names)))
    return byName(part, Array.from<string | number, string>(key.values, String), set, set.names);
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
  const asInFiles = split === null && set.places ? inFileOrder(part, index, set, set.places) : null;
  if (asInFiles)
    return {
      places: asInFiles,
      how: said(
        index
          ? `rows by ${keyText(key!)} in the files of the set, as they were before the split`
          : 'rows in the order of the set’s files, as they were before the split',
      ),
    };
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

/**
 * Whether numbers are names of the set: those of a table whose rows have numbers of their own, or of files such as
 * "17.png" where the column is called so.
 */
function areNames({ of, values }: Extract<RowKey, { kind: 'index' }>, names: readonly string[]): boolean {
  const known = new Set(isNameName(of) ? names.flatMap((name) => [name, stem(name)]) : names);
  return values.every((value) => known.has(String(value)));
}

/** By order or by row numbers from 0 or 1 in the set's own files; null where the counts differ from theirs. */
function inFileOrder(
  { rows, where, key }: AnswerPart,
  index: Float64Array | null,
  { train, test }: SetRows,
  places: Int32Array,
): Int32Array | null {
  const count = train + test;
  if (rows !== count) return null;
  const rowAt = new Int32Array(count).fill(-1);
  // A class may have been left out: then the numbers of the files are more than the rows.
  if (places.some((place) => place >= count)) return null;
  places.forEach((place, row) => (rowAt[place] = row));
  if (!index) return rowAt;
  const own = byIndex({ where, key }, index, null, { train, test });
  return own.map((place) => rowAt[place]!);
}

function rangeOf(
  split: SplitName | null,
  { train, test }: Pick<SetRows, 'train' | 'test'>,
): [from: number, count: number] {
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
  set: Pick<SetRows, 'train' | 'test'>,
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

const partsOf = (name: string) =>
  name
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');

/** The last folders of a path and its file's name. */
const lastParts = (count: number) => (name: string) => partsOf(name).slice(-count).join('/');

/** Names in the order in which they are tried: the most exact first. */
const forms = [...[Infinity, 4, 3, 2, 1].map(lastParts), (name: string) => stem(lastParts(1)(name))];

/**
 * By the whole path, else by less and less of its folders, else by the file's name without its ending: the first under
 * which all are found. Rows of further instances are passed over where those of a split are all there.
 */
function byName(
  { where, key, split, splits }: AnswerPart,
  given: readonly string[],
  set: SetRows,
  names: readonly string[],
): { places: Int32Array; how: string } {
  const { train, test } = set;
  let best: { places: Int32Array; missing: number[] } | null = null;
  for (const form of forms) {
    const known = {
      train: numbered(names.slice(0, train).map(form), 0),
      test: numbered(names.slice(train).map(form), train),
      all: numbered(names.map(form), 0),
    };
    const places = Int32Array.from(given, (name, row) => {
      const own = splits ? splits[row] : split;
      return known[own ?? 'all'].get(form(name)) ?? known.all.get(form(name)) ?? -1;
    });
    const first = new Map<number, number>();
    places.forEach((place, row) => {
      if (place >= 0 && first.has(place)) places[row] = -1;
      else first.set(place, row);
    });
    const missing = [...places.keys()].filter((row) => places[row]! < 0);
    if (!best || missing.length < best.missing.length) best = { places, missing };
    if (missing.length === 0) break;
  }
  const { places, missing } = best!;
  const how = `${where}: rows by the file names in ${keyText(key!)}`;
  if (missing.length === 0) return { places, how: `${how}.` };
  const found = new Set(places);
  const foundIn = (from: number, count: number) =>
    Array.from({ length: count }, (_, row) => from + row).filter((row) => found.has(row)).length;
  const [ofTrain, ofTest] = [foundIn(0, train), foundIn(train, test)];
  const isWhole =
    ofTrain + ofTest > 0 && (ofTrain === 0 || ofTrain === train) && (ofTest === 0 || ofTest === test);
  const example = given[missing[0]!];
  if (isWhole)
    return {
      places,
      how: `${how}; ${counted(missing.length)} of them ${missing.length === 1 ? 'is' : 'are'} not in this set and not used, such as “${example}”.`,
    };
  throw new AnswersProblem(
    `${where}: ${counted(missing.length)} of ${counted(given.length)} names in ${keyText(key!)} ${missing.length === 1 ? 'is' : 'are'} not found in this set, such as “${example}”. The set has “${names[0]}”.`,
  );
}

/** Numbers of names, counted from `from`; those that come twice are left out. */
function numbered(names: readonly string[], from: number): Map<string, number> {
  const known = new Map<string, number>();
  const twice = new Set<string>();
  names.forEach((name, i) => {
    if (known.has(name)) twice.add(name);
    known.set(name, from + i);
  });
  for (const name of twice) known.delete(name);
  return known;
}
