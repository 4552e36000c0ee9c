import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../../src/nn/safetensors';
import {
  matchAnswers,
  type AnsweredSet,
  type MatchedAnswers,
} from '../../../../src/training/answers/match-answers';
import { readAnswers } from '../../../../src/training/answers/read-answers';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { csvOf, npyOf, npzOf, textOf } from './files';
import { columnsFor } from '../../../../src/training/answers/match-columns';

const names = ['cat', 'dog', 'ox'];
const set: AnsweredSet = { train: 4, test: 2, names: null, places: null, target: { kind: 'class', names } };

/** Row r, class c: 10 r + c. */
const logit = (row: number, column: number) => 10 * row + column;
const rowsFrom = (from: number, count: number, of = logit) =>
  Array.from({ length: count }, (_, r) => names.map((_, c) => of(from + r, c)));
const parquet = (columns: { name: string; data: unknown[]; type: string }[]) =>
  new Uint8Array(parquetWriteBuffer({ columnData: columns as never }));
const flat = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat());
const whole = rowsFrom(0, 6).flat();

async function matched(files: Record<string, Uint8Array>, of = set): Promise<MatchedAnswers[]> {
  const list = Object.entries(files).map(([path, bytes]) => ({ path, bytes }));
  return matchAnswers(await readAnswers(list, of.target.names), of);
}

const problemOf = (files: Record<string, Uint8Array>, of = set) =>
  matched(files, of).then(
    () => 'none',
    (error: Error) => error.message,
  );

describe('rows and columns of answers', () => {
  const shuffled = [5, 2, 0, 4, 1, 3];
  const files: Record<string, Record<string, Uint8Array>> = {
    'one array': { 'logits.npy': npyOf(flat(rowsFrom(0, 6)), [6, 3]) },
    'an array a split': {
      'net_train.npy': npyOf(flat(rowsFrom(0, 4)), [4, 3]),
      'net_test.npy': npyOf(flat(rowsFrom(4, 2)), [2, 3]),
    },
    'files of other names': {
      'a.npy': npyOf(flat(rowsFrom(0, 4)), [4, 3]),
      'b.npy': npyOf(flat(rowsFrom(4, 2)), [2, 3]),
    },
    'an archive with row numbers from 1 and named columns': {
      'net.npz': npzOf({
        train_logits: npyOf(
          flat([3, 0, 2, 1].flatMap((r) => rowsFrom(r, 1)).map((row) => [row[2]!, row[0]!, row[1]!])),
          [4, 3],
        ),
        train_index: npyOf(BigInt64Array.from([4n, 1n, 3n, 2n]), [4]),
        test_logits: npyOf(flat(rowsFrom(4, 2).map((row) => [row[2]!, row[0]!, row[1]!])), [2, 3]),
        classes: npyOf(['ox', 'cat', 'dog'], [3]),
        labels: npyOf(BigInt64Array.from([0n, 1n, 2n, 0n, 1n, 2n]), [6]),
      }),
    },
    'a table with pandas’ index, labels, and columns in another order': {
      'net.csv': csvOf(
        ['', 'label', 'logit_dog', 'logit_ox', 'logit_cat'],
        shuffled.map((r) => [r, 1, logit(r, 1), logit(r, 2), logit(r, 0)]),
      ),
    },
    'a table with splits': {
      'net.csv': csvOf(
        ['split', 'id', 'dog', 'cat', 'ox'],
        shuffled.map((r) => [
          r < 4 ? 'train' : 'test',
          r < 4 ? r : r - 4,
          logit(r, 1),
          logit(r, 0),
          logit(r, 2),
        ]),
      ),
    },
    'columns of Parquet': {
      'net.parquet': parquet([
        { name: 'row_id', data: shuffled, type: 'INT32' },
        { name: 'label', data: shuffled.map(() => 1), type: 'INT32' },
        ...[2, 0, 1].map((c) => ({
          name: names[c]!,
          data: shuffled.map((r) => logit(r, c)),
          type: 'DOUBLE',
        })),
      ]),
    },
    'a list column of Parquet beside splits': {
      'net.parquet': parquet([
        { name: 'split', data: [...Array<string>(4).fill('train'), 'test', 'test'], type: 'STRING' },
        { name: 'logits', data: rowsFrom(0, 6), type: 'JSON' },
      ]),
    },
    'an array with its first axis innermost': {
      'net.npy': npyOf(
        Float32Array.from(names.flatMap((_, c) => rowsFrom(0, 6).map((row) => row[c]!))),
        [6, 3],
        true,
      ),
    },
    'a text with tabs, decimal points and columns that are numbered': {
      'net.tsv': textOf(
        [
          ['', '0', '1', '2'],
          ...shuffled.map((r) => [r, ...rowsFrom(r, 1)[0]!.map((value) => value.toFixed(1))]),
        ]
          .map((row) => row.join('\t'))
          .join('\n'),
      ),
    },
    'a text with semicolons and decimal commas, without titles': {
      'net.csv': textOf(
        rowsFrom(0, 6)
          .map((row) => row.map((value) => `${value},0`).join(';'))
          .join('\n'),
      ),
    },
    safetensors: {
      'net.safetensors': writeSafetensors([
        { name: 'train', shape: [4, 3], data: flat(rowsFrom(0, 4)) },
        { name: 'test', shape: [2, 3], data: flat(rowsFrom(4, 2)) },
      ]),
    },
  };
  it.each(Object.keys(files))('%s', async (name) => {
    const [one, ...others] = await matched(files[name]!);
    expect(others).toEqual([]);
    expect(Array.from(one!.values)).toEqual(whole);
    expect(one).toMatchObject({ hasTest: true, kind: 'logits' });
  });

  it('go by file names where the set has them', async () => {
    const named = { ...set, names: ['t/1.png', 't/2.png', 't/3.png', 't/4.png', 'e/5.png', 'e/6.png'] };
    const rows = shuffled.map((r) => [`${r + 1}.jpg`, ...rowsFrom(r, 1)[0]!]);
    const [one] = await matched({ 'net.csv': csvOf(['file', ...names], rows) }, named);
    expect(Array.from(one!.values)).toEqual(whole);
    expect(
      await problemOf(
        { 'net.csv': csvOf(['file', ...names], [...rows.slice(1), ['x.png', 0, 1, 2]]) },
        named,
      ),
    ).toMatch(/1 of 6 names in “file” is not found in this set, such as “x.png”/);
    const twice = csvOf(['file', ...names], [...rows.slice(1), rows[1]!]);
    expect(await problemOf({ 'net.csv': twice }, named)).toMatch(
      /1 of the values of “file” occurs more than once, such as “3.jpg” in rows 1 and 6/,
    );
  });

  it('of several teachers stay apart, from files or from one array', async () => {
    const other = rowsFrom(0, 6, (r, c) => -logit(r, c));
    const two = await matched({
      'resnet.npy': npyOf(flat(rowsFrom(0, 6)), [6, 3]),
      'vgg.npy': npyOf(flat(other), [6, 3]),
    });
    expect(two.map(({ name }) => name)).toEqual(['resnet', 'vgg']);
    const stack = await matched({
      'all.npy': npyOf(Float32Array.from([...whole, ...other.flat()]), [2, 6, 3]),
    });
    expect(stack.map(({ values }) => Array.from(values))).toEqual(
      two.map(({ values }) => Array.from(values)),
    );
  });

  it('may be missing for the test split', async () => {
    const [one] = await matched({ 'train.npy': npyOf(flat(rowsFrom(0, 4)), [4, 3]) });
    expect(one).toMatchObject({ hasTest: false });
  });
});

describe('what the numbers are', () => {
  const shares = [0.7, 0.2, 0.1];
  const probabilities = (of: (share: number) => number = (share) => share) =>
    npyOf(
      Float32Array.from({ length: 18 }, (_, i) => of(shares[i % 3]!)),
      [6, 3],
    );
  it('is found out, and what they can be', async () => {
    const [p] = await matched({ 'a.npy': probabilities() });
    expect(p).toMatchObject({ kind: 'probabilities', kinds: ['logits', 'probabilities'] });
    const [log] = await matched({ 'a.npy': probabilities(Math.log) });
    expect(log).toMatchObject({ kind: 'log-probabilities' });
  });

  it('top classes leave the rest to the others', async () => {
    const [one] = await matched({
      'top2.npz': npzOf({
        values: npyOf(
          Float32Array.from({ length: 12 }, (_, i) => [0.7, 0.2][i % 2]!),
          [6, 2],
        ),
        indices: npyOf(
          BigInt64Array.from({ length: 12 }, (_, i) => [2n, 0n][i % 2]!),
          [6, 2],
        ),
      }),
    });
    expect(Array.from(one!.values.slice(0, 3), (value) => Number(value.toFixed(6)))).toEqual([0.2, 0.1, 0.7]);
    expect(one!.notes.join()).toMatch(/top 2 classes.*spread evenly over the other 1/);
    const table = csvOf(
      ['class1', 'prob1', 'class2', 'prob2'],
      Array.from({ length: 6 }, () => [1, 0.6, 2, 0.4]),
    );
    const [two] = await matched({ 'top.csv': table });
    expect(Array.from(two!.values.slice(0, 3))).toEqual([0, 0.6, 0.4]);
  });
});

describe('what cannot be had is said with counts and an example', () => {
  const spoiled = (change: (values: Float32Array) => void, of = rowsFrom(0, 6)) => {
    const values = flat(of);
    change(values);
    return npyOf(values, [6, 3]);
  };
  const shares = Array.from({ length: 6 }, () => [0.7, 0.2, 0.1]);
  const cases: [name: string, files: Record<string, Uint8Array>, said: RegExp][] = [
    [
      'NaN',
      { 'a.npy': spoiled((values) => values.fill(NaN, 3, 7)) },
      /2 of 6 rows hold something that is no number .*such as row 2/,
    ],
    [
      'an empty cell',
      { 'a.csv': csvOf(names, [...rowsFrom(0, 5), [1, '', 2]]) },
      /1 of 6 rows holds .*row 6/,
    ],
    [
      'sums',
      { 'a.npy': spoiled((values) => values.fill(0, 3, 6), shares) },
      /1 of 6 rows do not sum to one, such as row 2 \(0.00\)/,
    ],
    [
      'shares of another sum, without a word for what they are',
      { 'a.npy': spoiled((values) => values.set(values.map((v) => 1.3 * v)), shares) },
      /all of 6 rows.* from 0 to 1|all of 6 rows do not sum to one.*the same sum, so they are no logits/,
    ],
    [
      'percent',
      { 'probs.npy': spoiled((values) => values.set(values.map((v) => 100 * v)), shares) },
      /not from 0 to 1.*divide them by 100/,
    ],
    [
      'too few rows',
      { 'a.npy': npyOf(flat(rowsFrom(0, 5)), [5, 3]) },
      /5 rows.*4 training and 2 test instances, 6 in all/,
    ],
    [
      'other classes',
      { 'a.npy': npyOf(new Float32Array(24), [6, 4]) },
      /4 columns of numbers, and this set has 3 outputs \(“cat”/,
    ],
    [
      'a transpose',
      { 'a.npy': npyOf(flat(rowsFrom(0, 6)), [3, 6]) },
      /3 × 6: it seems to hold one column for each instance/,
    ],
    [
      'missing rows',
      {
        'a.csv': csvOf(
          ['index', ...names],
          rowsFrom(0, 3).map((row, i) => [i, ...row]),
        ),
      },
      /no answers for 1 of the 4 training instances, such as training instance 3/,
    ],
    [
      'rows of another set',
      {
        'a.csv': csvOf(
          ['index', ...names],
          rowsFrom(0, 6).map((row, i) => [i + 50, ...row]),
        ),
      },
      /6 of the row numbers of “index” are none of this set, such as 50 in row 1/,
    ],
    ['the test split alone', { 'test.npy': npyOf(flat(rowsFrom(0, 2)), [2, 3]) }, /test split alone/],
    ['a ragged table', { 'a.csv': csvOf(names, [...rowsFrom(0, 5), [1, 2]]) }, /line 7, has 2 cells/],
    [
      'no table',
      { 'a.npy': npyOf(new Float32Array(6), [6]) },
      /“a.npy” holds an array of 6\. Answers are an array with one row/,
    ],
  ];
  it.each(cases)('%s', async (_, files, said) => {
    expect(await problemOf(files)).toMatch(said);
  });
});

it('takes columns by their names, by numbers in them, or by their order, and never by half of their names', () => {
  const outputs = ['ant', 'bee', 'cow', 'dog'];
  const found = (columns: string[]) => columnsFor({ where: 'a.csv', width: 4, columns }, outputs);
  expect([...found(['dog', 'Cow', 'bee', 'ant']).order]).toEqual([3, 2, 1, 0]);
  expect([...found(['p2', 'p1', 'p4', 'p3']).order]).toEqual([1, 0, 3, 2]);
  expect(found(['w', 'x', 'y', 'z']).how).toContain('“w” is taken as “ant”');
  expect(found(['ant', 'bee', 'y', 'z']).how).toContain('“y” is taken as “cow”');
  expect(() => found(['bee', 'ant', 'y', 'z'])).toThrow(
    'a.csv has a column “bee” in the place of “ant”, and others that are no names of this set, such as “y”',
  );
});
