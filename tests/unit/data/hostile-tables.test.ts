/** Tables as they should not be: each becomes a sound set or a sentence. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { onlyView, type VectorSpec } from '../../../src/data/dataset';
import type { ImportFile } from '../../../src/data/import-report';
import { soundDataset } from '../../../src/storage/set-contents';
import { file, gzip, load, text } from './builders';

const many = <T>(count: number, make: (row: number) => T) =>
  Array.from({ length: count }, (_, row) => make(row));
const lines = (rows: readonly (readonly unknown[])[], separator = ',') =>
  rows.map((row) => row.join(separator)).join('\n');
const ab = (row: number) => (row % 2 ? 'a' : 'b');

/** 40 rows: a number, the cell of a case and a class. */
const withColumn = (cell: (row: number) => unknown, rows = 40) =>
  lines([['x', 'own', 'y'], ...many(rows, (row) => [row / 2, cell(row), ab(row)])]);
const csv = (content: string | Uint8Array, name = 'a.csv') => [file(name, content)];

function utf16(content: string): Uint8Array {
  const units = Uint16Array.from(`\ufeff${content}`, (letter) => letter.charCodeAt(0));
  return new Uint8Array(units.buffer);
}

const parquet = (columns: readonly { name: string; data: unknown[]; type: string; nullable?: boolean }[]) => [
  file('a.parquet', new Uint8Array(parquetWriteBuffer({ columnData: columns as never }))),
];

interface Wanted {
  /** Part of the sentence of a refusal. */
  refused?: string;
  /** Names of the numbers of a row. */
  names?: string[];
  classes?: number;
  counts?: [train: number, test: number];
  /** Part of a note of the report: of a column, a warning or what was left out. */
  note?: string;
}

const cases: [string, () => ImportFile[], Wanted][] = [
  ['an empty file', () => csv(''), { refused: 'is empty' }],
  ['blank lines', () => csv('\n\n  \n'), { refused: 'neither a table' }],
  ['a header alone', () => csv('x,y,label\n'), { refused: 'neither a table' }],
  ['one row', () => csv('x,y,label\n1,2,a\n'), { refused: 'has 1 row' }],
  ['one column', () => csv(lines(many(40, (row) => [row / 2]))), { refused: 'at least two' }],
  [
    'gaps alone',
    () => csv(lines([['x', 'y'], ...many(40, () => ['NA', ''])])),
    { refused: 'no column that can be learned' },
  ],
  [
    'one value a column',
    () => csv(lines([['x', 'y'], ...many(40, () => [1, 2])])),
    { refused: 'no column that can be learned' },
  ],
  [
    'no numbers and numbers too large',
    () => csv(withColumn((row) => ['NaN', 'inf', '1e400', '-inf'][row % 9] ?? row / 2)),
    { names: ['x', 'own', 'own is missing'], note: '20 gaps take' },
  ],
  [
    'comments before the header',
    () => csv(`# made 2024-01-01, by hand\n#\n# it's "odd\n${withColumn((row) => row / 3)}`),
    { names: ['x', 'own'], counts: [32, 8], note: 'begins with 3 lines of comment' },
  ],
  [
    'a header as NumPy writes it, below a comment',
    () => csv(`# of a test\n# ${withColumn((row) => row / 3)}`),
    { names: ['x', 'own'], counts: [32, 8], note: 'begins with 1 line of comment' },
  ],
  [
    'a column called “#”',
    () => csv(`#,own,y\n${lines(many(40, (row) => [row / 2, row / 3, ab(row)]))}`),
    { names: ['#', 'own'], counts: [32, 8] },
  ],
  [
    'colours with “#” in each row',
    () => csv(lines(many(40, (row) => [`#0${row % 5}`, row / 3, ab(row)]))),
    { names: [...many(5, (k) => `column 1 = #0${k}`), 'column 2'], counts: [32, 8] },
  ],
  [
    'shares with a sign',
    () => csv(withColumn((row) => `${row} %`)),
    { names: ['x', 'own'], note: 'numbers in %' },
  ],
  [
    'prices, some missing',
    () => csv(withColumn((row) => (row % 8 ? `"-$1,${100 + row}.50"` : 'NA'))),
    { names: ['x', 'own', 'own is missing'], note: 'numbers in $; 5 gaps take the training median, -1' },
  ],
  [
    'prices after which the sign stands, with decimal commas',
    () =>
      csv(
        withColumn((row) => `${row},5 €`)
          .replaceAll(/,(?=\d+,5)|,(?=[ab]$)|(?<=€),/gm, ';')
          .replace('x,own,y', 'x;own;y'),
      ),
    { names: ['x', 'own'], note: 'numbers in €' },
  ],
  [
    'two signs',
    () => csv(withColumn((row) => `${row % 3} ${row % 2 ? '%' : '€'}`)),
    { names: ['x', ...['0 %', '0 €', '1 %', '1 €', '2 %', '2 €'].map((value) => `own = ${value}`)] },
  ],
  [
    '5 rows of 10,000 columns',
    () => csv(lines([many(10_000, (k) => `c${k}`), ...many(5, (row) => many(10_000, (k) => row * k))])),
    { refused: 'at most 1,024 columns' },
  ],
  ['UTF-16', () => csv(utf16(withColumn((row) => row / 3))), { names: ['x', 'own'], classes: 2 }],
  [
    'UTF-16 with tabs, as from a spreadsheet',
    () => csv(utf16(withColumn((row) => row / 3).replaceAll(',', '\t')), 'a.txt'),
    { names: ['x', 'own'] },
  ],
  [
    'an old encoding',
    () =>
      csv(
        Uint8Array.from(
          withColumn((row) => `ö${row}`),
          (letter) => letter.charCodeAt(0),
        ),
      ),
    { refused: 'UTF-8' },
  ],
  ['bars', () => csv(withColumn((row) => row / 3).replaceAll(',', '|')), { names: ['x', 'own'] }],
  [
    'quotes over lines',
    () => csv(withColumn((row) => `"says ""${row % 2}""\nand more"`)),
    { names: ['x', 'own = says "0"\nand more', 'own = says "1"\nand more'] },
  ],
  [
    'one ragged row',
    () => csv(withColumn((row) => (row === 5 ? '1,2,3' : row / 3))),
    { counts: [31, 8], note: 'has 5 cells where others have 3' },
  ],
  [
    'all kinds of cells in a column',
    () => csv(withColumn((row) => [1, 'red', 'true', '2020-01-01', ''][row % 5])),
    {
      names: ['x', ...['1', '2020-01-01', 'red', 'true'].map((value) => `own = ${value}`), 'own is missing'],
    },
  ],
  [
    '500 classes',
    () => csv(lines([['x', 'label'], ...many(2000, (row) => [row / 2, `c${row % 500}`])])),
    { classes: 500, counts: [1500, 500] },
  ],
  [
    'too many classes',
    () => csv(lines([['x', 'label'], ...many(4000, (row) => [row / 2, `c${row % 1500}`])])),
    { refused: 'no column to learn from', note: '“label” has more than 1,000 different texts' },
  ],
  [
    'one class',
    () => csv(lines([['x', 'z', 'label'], ...many(40, (row) => [row / 2, row % 3, 'a'])])),
    { classes: 3, note: '“label” is the same in every row, so it cannot be learned' },
  ],
  [
    'days as Americans write them',
    () => csv(withColumn((row) => `${1 + (row % 12)}/${1 + (row % 28)}/2024`, 60)),
    { names: ['x'], note: 'holds dates' },
  ],
  [
    'truth values',
    () => csv(withColumn((row) => (row % 3 ? 'TRUE' : 'FALSE'))),
    { names: ['x', 'own = FALSE', 'own = TRUE'] },
  ],
  [
    'texts of 50,000 letters',
    () => csv(withColumn((row) => 'w'.repeat(50_000) + (row % 2))),
    { names: ['x', ...[0, 1].map((end) => `own = ${'w'.repeat(149)}…${'w'.repeat(148)}${end}`)] },
  ],
  [
    'numbers of 50,000 digits',
    () => csv(withColumn((row) => `${'7'.repeat(50_000)}${row % 2}x`)),
    { classes: 2 },
  ],
  [
    'formulas and markup',
    () => csv(withColumn((row) => ['=SUM(A1:A2)', '<script>alert(1)</script>'][row % 2])),
    { names: ['x', 'own = <script>alert(1)</script>', 'own = =SUM(A1:A2)'] },
  ],
  [
    'whole numbers of more digits than a float has',
    () => csv(lines([['x', 'label'], ...many(40, (row) => [row / 2, `900719925474099${row % 2 ? 3 : 2}`])])),
    { classes: 2 },
  ],
  [
    'a target with gaps',
    () => csv(lines([['x', 'label'], ...many(40, (row) => [row / 2, row % 4 ? ab(row) : ''])])),
    { counts: [24, 6], note: '10 rows have no target' },
  ],
  [
    'a class in the test alone',
    () =>
      csv(
        lines([
          ['x', 'label', 'set'],
          ...many(60, (row) => [row / 2, row > 50 ? 'c' : ab(row), row < 40 ? 'train' : 'test']),
        ]),
      ),
    { classes: 3, counts: [40, 20], note: '1 class has no training row and cannot be learned: “c”' },
  ],
  [
    'other classes in the test',
    () =>
      csv(
        lines([
          ['x', 'label', 'set'],
          ...many(60, (row) => [row / 2, row < 40 ? ab(row) : 'c', row < 40 ? 'train' : 'test']),
        ]),
      ),
    { refused: 'no class in common' },
  ],
  [
    'a category in the test alone',
    () =>
      csv(
        lines([
          ['x', 'own', 'y', 'split'],
          ...many(60, (row) => [row / 2, row > 50 ? 'new' : 'old', ab(row), row < 40 ? 'train' : 'test']),
        ]),
      ),
    { names: ['x', 'own = new', 'own = old'], counts: [40, 20] },
  ],
  [
    'a column called like a split that is none',
    () => csv(withColumn((row) => ['A', 'B'][row % 2]).replace('own', 'split')),
    { names: ['x', 'split = A', 'split = B'], note: 'not all of its cells are names of splits' },
  ],
  ['gzip', () => csv(gzip(text(withColumn((row) => row / 3))), 'a.csv.gz'), { names: ['x', 'own'] }],
  [
    'the files of a contest',
    () => [
      file('sample_submission.csv', lines([['id', 'y'], ...many(20, (row) => [row, 'a'])])),
      file('test.csv', lines([['x', 'own'], ...many(20, (row) => [row, row / 3])])),
      file(
        'train.csv',
        withColumn((row) => row / 3),
      ),
    ],
    { counts: [32, 8], note: 'has no column “y”, which train.csv has' },
  ],
  [
    'columns in another order in the test',
    () => [
      file(
        'train.csv',
        withColumn((row) => row / 3),
      ),
      file('test.csv', lines([['y', 'x', 'own'], ...many(20, (row) => [ab(row), row, row / 3])])),
    ],
    { counts: [40, 20], names: ['x', 'own'] },
  ],
  [
    'Parquet with nested values, dates, large numbers and gaps',
    () =>
      parquet([
        { name: 'x', data: many(40, (row) => row / 2), type: 'DOUBLE' },
        { name: 'nested', data: many(40, (row) => ({ a: row })), type: 'JSON' },
        { name: 'when', data: many(40, (row) => new Date(2020, 1, row)), type: 'TIMESTAMP' },
        { name: 'code', data: many(40, (row) => 9223372036854775800n + BigInt(row % 2)), type: 'INT64' },
        { name: 'none', data: many(40, () => null), type: 'STRING', nullable: true },
        { name: 'y', data: many(40, ab), type: 'STRING' },
      ]),
    {
      names: ['x', 'code = 9223372036854775800', 'code = 9223372036854775801'],
      note: '“nested” of a.parquet holds nested values',
    },
  ],
];

test.each(cases)('%s', async (_, files, wanted) => {
  const { report, dataset } = await load(files());
  expect(report.message).not.toContain('an error in this page');
  const notes = [
    ...report.warnings,
    ...report.skipped.map(({ why }) => why),
    ...(report.columns ?? []).map(({ note }) => note),
  ];
  if (wanted.note) expect(notes.join('\n')).toContain(wanted.note);
  if (wanted.refused !== undefined) {
    expect(report.message).toContain(wanted.refused);
    expect(dataset).toBeNull();
    return;
  }
  if (!dataset) throw new Error(`refused: ${report.message}`);
  expect(soundDataset(structuredClone(dataset))).not.toBeNull();
  if (wanted.names) expect((dataset.inputs[onlyView] as VectorSpec).names).toEqual(wanted.names);
  if (wanted.classes) expect(report.classes).toHaveLength(wanted.classes);
  if (wanted.counts) expect([report.train, report.test]).toEqual(wanted.counts);
});
