import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { onlyView, type Dataset, type Split, type VectorSpec } from '../../../src/data/dataset';
import type { ImportChoices } from '../../../src/data/import-report';
import { soundDataset } from '../../../src/storage/set-contents';
import { file, load, loadedSet, refused } from './builders';

const lines = (...rows: (readonly unknown[])[]) => rows.map((row) => row.join(',')).join('\n');
const many = <T>(count: number, make: (row: number) => T) =>
  Array.from({ length: count }, (_, row) => make(row));
const read = (text: string, choices: ImportChoices = {}, name = 'data.csv') =>
  loadedSet([file(name, text)], { choices });
const namesOf = ({ inputs }: Dataset) => (inputs[onlyView] as VectorSpec).names;
const targetsOf = ({ targets }: Split) => [...targets.values];

/** The values of a column in the order of the file, from a set whose first column counts the rows in steps of a half. */
function columnOf(dataset: Dataset, name: string): number[] {
  const names = namesOf(dataset);
  const at = names.indexOf(name);
  expect(at).toBeGreaterThanOrEqual(0);
  const rows = [dataset.train, dataset.test].flatMap(({ count, inputs }) => {
    const { values } = inputs[onlyView]!;
    return many(count, (row) => [values[row * names.length]!, values[row * names.length + at]!] as const);
  });
  return rows.sort((a, b) => a[0] - b[0]).map(([, value]) => value);
}

/** Rows with a first column that counts them, and a last one with classes. */
const withRows = (count: number, title: string, cell: (row: number) => unknown) =>
  lines(['half', title, 'kind'], ...many(count, (row) => [row + 0.5, cell(row), row % 2 ? 'a' : 'b']));

const penguin = (row: number) => [
  `p${row}`,
  ['Torgersen', 'Biscoe', ''][row % 3],
  30 + row / 2,
  row % 7 === 0 ? 'NA' : 180 + (row % 9),
  'x',
];

describe('a table of measurements', () => {
  const text = lines(
    ['Id', 'Island', 'Length (mm)', 'Flipper', 'Ship', 'Species'],
    ...many(60, (row) => [...penguin(row), ['Gentoo', 'Adelie'][row % 2]]),
  );

  test('becomes vectors: numbers as in the file, categories by value, gaps with the training median', async () => {
    const { report, dataset } = await read(text);
    expect(report).toMatchObject({
      outcome: 'loaded',
      format: 'CSV',
      shape: null,
      classes: ['Adelie', 'Gentoo'],
      train: 48,
      test: 12,
      message: 'Loaded 48 training and 12 test rows, 2 classes, 6 columns.',
    });
    expect(report.columns).toMatchObject([
      { name: 'Id', use: 'left out', note: 'is another text in every row' },
      { name: 'Island', use: 'category' },
      { name: 'Length (mm)', use: 'number', note: '' },
      { name: 'Flipper', use: 'number' },
      { name: 'Ship', use: 'left out', note: 'is the same in every row' },
      { name: 'Species', use: 'target', note: 'classes' },
    ]);
    expect(report.warnings.join()).toContain(
      '“Id” is another text in every row, “Ship” is the same in every row',
    );
    expect(namesOf(dataset)).toEqual([
      'Island = Biscoe',
      'Island = Torgersen',
      'Island is missing',
      'Length (mm)',
      'Flipper',
      'Flipper is missing',
    ]);
    const { values } = dataset.train.inputs[onlyView]!;
    const known: number[] = [];
    const filled: number[] = [];
    for (let row = 0; row < 48; row++) {
      const of = (k: number) => values[row * 6 + k]!;
      const at = 2 * (of(3) - 30);
      expect([of(0), of(1), of(2)]).toEqual([1, 0, 2].map((value) => Number(at % 3 === value)));
      expect(of(5)).toBe(Number(at % 7 === 0));
      (of(5) === 1 ? filled : known).push(of(4));
      expect(targetsOf(dataset.train)[row]).toBe(at % 2 === 0 ? 1 : 0);
    }
    known.sort((a, b) => a - b);
    const half = known.length / 2;
    const median = Number.isInteger(half) ? (known[half - 1]! + known[half]!) / 2 : known[Math.floor(half)]!;
    expect(new Set(filled)).toEqual(new Set([median]));
    expect(soundDataset(dataset)).not.toBeNull();
  });

  test('is learned by another column where the user says so, as classes or as numbers', async () => {
    const numbers = await read(text, { target: '3' });
    expect(numbers.dataset).toMatchObject({
      task: 'regression',
      target: { kind: 'number', names: ['Length'], units: ['mm'] },
    });
    expect(Math.max(...targetsOf(numbers.dataset.train))).toBeGreaterThan(50);
    expect(numbers.report.message).toContain('1 number (mm)');
    const islands = await read(text, { target: '2' });
    expect(islands.report.classes).toEqual(['Biscoe', 'Torgersen']);
    expect(islands.report).toMatchObject({ outcome: 'partial', skippedCount: 20 });
    const flippers = await read(text, { target: '4' });
    expect(flippers.dataset.target.kind).toBe('class');
    expect((await read(text, { target: '4', targetKind: 'number' })).dataset.target.kind).toBe('number');
  });

  test('of numbers is split by tenths, so that the test has small and large ones', async () => {
    const { dataset, report } = await read(
      lines(['x', 'price'], ...many(100, (row) => [row % 13, row + 0.25])),
    );
    expect(dataset.target).toMatchObject({ kind: 'number', names: ['price'] });
    const tenths = targetsOf(dataset.test).map((value) => Math.floor(value / 10));
    expect(tenths.sort((a, b) => a - b)).toEqual(many(20, (i) => Math.floor(i / 2)));
    expect(report.warnings.join()).toContain('of each tenth of the numbers');
  });

  test('takes the split from a column, or from two files', async () => {
    const rows = many(60, (row) => [row + 0.5, row % 2 ? 'a' : 'b', row < 45 ? 'train' : 'test']);
    const column = await read(lines(['x', 'label', 'split'], ...rows));
    expect(column.report).toMatchObject({ train: 45, test: 15 });
    expect(column.report.columns?.[2]).toMatchObject({ use: 'split' });
    expect(namesOf(column.dataset)).toEqual(['x']);
    const part = (from: number, to: number) =>
      lines(['x', 'label'], ...rows.slice(from, to).map((row) => row.slice(0, 2)));
    const files = await loadedSet([file('train.csv', part(0, 40)), file('test.csv', part(40, 60))]);
    expect(files.report).toMatchObject({ train: 40, test: 20 });
    expect(Math.min(...files.dataset.test.inputs[onlyView]!.values)).toBe(40.5);
  });

  test('with several columns of zeros and ones is asked about', async () => {
    const rows = many(40, (row) => [row / 2, row % 2, row % 3 === 0 ? 1 : 0, row % 5 === 0 ? 1 : 0]);
    const named = await read(lines(['x', 'label_red', 'label_round', 'label_big'], ...rows));
    expect(named.dataset).toMatchObject({
      task: 'multilabel',
      target: { kind: 'labels', names: ['label_red', 'label_round', 'label_big'] },
    });
    expect(namesOf(named.dataset)).toEqual(['x']);
    const plain = lines(['x', 'red', 'round', 'big'], ...rows);
    const guessed = await read(plain);
    expect(guessed.dataset.target.kind).toBe('class');
    expect(guessed.report.guesses.find(({ id }) => id === 'targetKind')).toMatchObject({
      options: [{ value: 'class' }, { value: 'number' }, { value: 'labels' }],
    });
    const asked = await read(plain, { targetKind: 'labels' });
    expect(asked.dataset.target).toEqual({ kind: 'labels', names: ['red', 'round', 'big'] });
    expect(asked.dataset.train.targets.shape).toEqual([3]);
    expect(asked.report.warnings.join()).not.toContain('input');
    const two = await read(plain, { targetKind: 'labels', alsoTargets: '3' });
    expect(two.dataset.target).toEqual({ kind: 'labels', names: ['round', 'big'] });
    expect(two.report.warnings).toContain(
      '“red” is an input here and not learned; choose it under “Further labels” to learn it too.',
    );
  });
});

describe('targets of several columns', () => {
  const rows = many(60, (row) => [row / 2, 10 + row / 3, row % 3, ['low', 'high'][row % 2]]);
  const title = ['x', 'height (cm)', 'weight (kg)', 'kind'];

  test('are numbers where the user says so, each with its unit, and no inputs then', async () => {
    const text = lines(title, ...rows);
    const one = await read(text, { target: '2', targetKind: 'number' });
    expect(one.report.guesses.find(({ id }) => id === 'alsoTargets')).toMatchObject({
      kind: 'several',
      value: [],
      options: [{ value: '1' }, { value: '3', text: 'weight (kg)' }],
    });
    const { dataset, report } = await read(text, { target: '2', targetKind: 'number', alsoTargets: '3' });
    expect(dataset).toMatchObject({
      task: 'regression',
      target: { kind: 'number', names: ['height', 'weight'], units: ['cm', 'kg'] },
    });
    expect(dataset.test.targets.shape).toEqual([2]);
    const [height, weight] = targetsOf(dataset.train);
    expect(weight).toBe(Math.round((height! - 10) * 3) % 3);
    expect(namesOf(dataset)).toEqual(['x', 'kind = high', 'kind = low']);
    expect(report.columns!.map(({ use }) => use)).toEqual(['number', 'target', 'target', 'category']);
    expect(
      (
        await read(text.replace('height (cm)', 'h').replaceAll(/,(?=\d+,[a-z])/g, ' €,'), {
          target: '2',
          targetKind: 'number',
        })
      ).dataset.target,
    ).toEqual({ kind: 'number', names: ['h'], units: ['€'] });
    expect(soundDataset(dataset)).not.toBeNull();
  });

  test('called Y1 and Y2 are guessed together', async () => {
    const { dataset } = await read(
      lines(['x', 'Y1', 'Y2'], ...many(60, (row) => [row % 7, row / 2, row / 3])),
    );
    expect(dataset.target).toMatchObject({ kind: 'number', names: ['Y1', 'Y2'] });
    const inUnits = await read(
      lines(['x', 'Y1 (cm)', 'Y2 (kg)'], ...many(60, (row) => [row % 7, row / 2, row / 3])),
    );
    expect(inUnits.dataset.target).toMatchObject({ names: ['Y1', 'Y2'], units: ['cm', 'kg'] });
  });

  test('of which each row marks one are classes, named by what their titles do not share', async () => {
    const marks = (row: number) => [0, 1, 2].map((k) => Number(row % 3 === k));
    const text = lines(
      ['x', 'wild', 'species_cat', 'species_dog', 'species_fox'],
      ...many(60, (row) => [row / 2, Number(row % 4 === 1), ...marks(row)]),
    );
    const { dataset, report } = await read(text);
    expect(report).toMatchObject({ classes: ['cat', 'dog', 'fox'], train: 48, test: 12 });
    expect(namesOf(dataset)).toEqual(['x', 'wild']);
    const several = await read(text, { targetKind: 'labels' });
    expect(several.dataset.target).toMatchObject({
      kind: 'labels',
      names: ['wild', 'species_cat', 'species_dog', 'species_fox'],
    });
    const one = await read(text, { targetKind: 'class' });
    expect(one.report.classes).toEqual(['0', '1']);
    expect(one.report.warnings.join()).toContain('so the inputs tell the class');
  });

  test.each([
    ['semicolons', (labels: string[]) => labels.join(';')],
    ['bars', (labels: string[]) => labels.join(' | ')],
    ['a list of Python', (labels: string[]) => `"['${labels.join("', '")}']"`],
  ])('listed in one cell with %s are several labels', async (_, cell) => {
    const { dataset } = await read(
      lines(
        ['x', 'tags'],
        ...many(60, (row) => [
          row / 2,
          cell(['cat', 'dog', 'fox'].filter((_, k) => row % (k + 2) === 0 || k === row % 3)),
        ]),
      ),
    );
    expect(dataset.target).toEqual({ kind: 'labels', names: ['cat', 'dog', 'fox'] });
    expect(targetsOf(dataset.train).reduce((sum, value) => sum + value, 0)).toBeGreaterThan(48);
  });

  test('names with commas are no lists', async () => {
    const names = ['Ada, Countess', 'Alan, Mr', 'Grace, Mrs'];
    const { report } = await read(
      lines(['x', 'who'], ...many(60, (row) => [row / 2, `"${names[row % 3]}"`])),
    );
    expect(report.classes).toEqual(names);
  });
});

describe('hostile tables', () => {
  test.each<[string, (row: number) => string, (row: number) => number]>([
    ['thousands separators', (row) => `"1,${100 + row}.5"`, (row) => 1100.5 + row],
    ['blanks between thousands', (row) => `1 ${100 + row}.5`, (row) => 1100.5 + row],
    ['decimal commas in quotes', (row) => `"${row},25"`, (row) => row + 0.25],
    ['exponents and signs', (row) => `+${row}5e-1`, (row) => row + 0.5],
    ['mixed decimal marks', (row) => (row % 2 ? `"${row},5"` : `${row}.5`), (row) => row + 0.5],
    [
      'numbers too large for a float',
      (row) => (row === 3 ? '1e300' : `${row}.5`),
      (row) => (row === 3 ? 21.5 : row + 0.5),
    ],
  ])('%s', async (_, cell, value) => {
    const { dataset } = await read(withRows(40, 'x', cell), { testShare: 5 });
    const found = columnOf(dataset, 'x');
    const differences = found.filter((got, row) => Math.abs(got - value(row)) > 1e-3);
    // The gap of the number that is too large takes the median of whichever rows are for training.
    expect(differences.length).toBeLessThanOrEqual(_.startsWith('numbers too') ? 1 : 0);
  });

  test('semicolons with decimal commas and points between thousands', async () => {
    const text = [
      'half;x;kind',
      ...many(40, (row) => `${row},5;1.${100 + row},25;${row % 2 ? 'a' : 'b'}`),
    ].join('\r\n');
    const { dataset } = await read(`\ufeff${text}`);
    expect(namesOf(dataset)).toEqual(['half', 'x']);
    expect(columnOf(dataset, 'x')).toEqual(many(40, (row) => 1100.25 + row));
  });

  test('gaps of every spelling', async () => {
    const spelt = ['', 'NA', 'NaN', 'inf', '-Infinity', '?', 'null', 'None', 'N/A', '-'];
    const { dataset, report } = await read(withRows(40, 'x', (row) => spelt[row] ?? row + 0.5));
    expect(columnOf(dataset, 'x is missing')).toEqual(many(40, (row) => Number(row < spelt.length)));
    expect(report.columns![1]!.note).toMatch(/^10 gaps take the training median, \d/);
  });

  test('names that are missing, repeated or dangerous', async () => {
    const title = ['', '__proto__', 'x', 'x', 'constructor', 'label'];
    const rows = many(30, (row) => [row / 2, row / 3, row / 4, row / 5, row / 6, row % 2]);
    const { dataset, report } = await read(lines(title, ...rows));
    expect(namesOf(dataset)).toEqual(['column 1', '__proto__', 'x', 'x (2)', 'constructor']);
    expect(report.columns).toHaveLength(6);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('no header: the last column is learned, or a first one of words', async () => {
    const last = await read(lines(...many(40, (row) => [row / 2, row / 3, row % 3])));
    expect(last.report.classes).toEqual(['0', '1', '2']);
    expect(namesOf(last.dataset)).toEqual(['column 1', 'column 2']);
    const first = await read(lines(...many(40, (row) => ['ab'[row % 2], row / 2, row / 3])));
    expect(first.report.classes).toEqual(['a', 'b']);
    // Words alone: mushrooms. The first row is one like any other.
    const words = await read(
      lines(...many(40, (row) => ['ep'[row % 2], 'xyz'[row % 3], 'klm'[row % 4] ?? 'n'])),
    );
    expect(words.report.train + words.report.test).toBe(40);
  });

  test('dates, texts of one kind each and whole numbers that count are left out by name', async () => {
    const title = ['when', 'note', 'nr', 'x', 'y'];
    const day = (row: number) =>
      `2024-${String((row % 12) + 1).padStart(2, '0')}-${String((row % 28) + 1).padStart(2, '0')}`;
    const rows = many(90, (row) => [day(row), `note ${row}`, 1000 + row, row / 2, row % 2]);
    const { report, dataset } = await read(lines(title, ...rows));
    expect(namesOf(dataset)).toEqual(['x']);
    expect(report.columns!.map(({ note }) => note)).toEqual([
      'holds dates; give year, month or day a column of its own to use them',
      'is another text in every row',
      'is another whole number in every row',
      '',
      'classes',
    ]);
  });

  test.each<[string, string, string]>([
    [
      'too few rows',
      lines(['x', 'y'], ...many(19, (row) => [row / 2, row % 2])),
      'has 19 rows; a table needs at least 20',
    ],
    ['one class', lines(['x', 'label'], ...many(30, () => [1, 'a'])), 'no column that can be learned'],
    [
      'nothing to learn from',
      lines(['id', 'label'], ...many(30, (row) => [row, row % 2])),
      'no column to learn from beside “label”: “id” is another whole number',
    ],
    [
      'too many columns',
      lines(
        many(1100, (k) => `c${k}`),
        ...many(30, (row) => many(1100, (k) => row * k)),
      ),
      'at most 1,024',
    ],
    [
      'ragged rows',
      lines(['x', 'y'], ...many(30, (row) => (row % 4 ? [row / 2, row % 2] : [1, 2, 3]))),
      'bad rows',
    ],
    [
      'a column of texts alone',
      lines(['x', 'label'], ...many(30, (row) => [`t${row}`, row % 2])),
      'is another text in every row',
    ],
  ])('%s are refused in a sentence', async (_, text, sentence) => {
    expect((await refused([file('data.csv', text)])).message).toContain(sentence);
  });

  test('the limits on rows and memory are in the message', async () => {
    const text = lines(['x', 'y'], ...many(60, (row) => [row / 2, row % 2]));
    expect((await refused([file('a.csv', text)], { limits: { tableRows: 50 } })).message).toContain(
      'more than 50 rows',
    );
    expect((await refused([file('a.csv', text)], { limits: { pixelBytes: 100 } })).message).toContain(
      '100 bytes',
    );
  });

  test('rows without a target and classes of one row are left out by name', async () => {
    const rows = many(40, (row) => [row / 2, row === 0 ? 'rare' : row === 1 ? '' : row % 2 ? 'a' : 'b']);
    const { report } = await read(lines(['x', 'label'], ...rows));
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 2, classes: ['a', 'b'] });
    expect(report.skipped.map(({ why }) => why)).toEqual([
      '1 row has no target',
      'the only row of class “rare”',
    ]);
  });

  const cell = fc.oneof(
    fc.double({ noNaN: false }).map(String),
    fc.integer().map(String),
    fc.constantFrom(
      '',
      'NA',
      '?',
      'a',
      'b',
      '1,5',
      '1.234,5',
      '2024-01-02',
      '__proto__',
      'ä',
      '"x,""y"""',
      "1'000",
    ),
    fc.string({ maxLength: 6 }).map((text) => `"${text.replaceAll('"', '""').replaceAll(/[\r\n]/g, ' ')}"`),
  );

  test('any table is a sound set or a refusal in a sentence', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 8 })
          .chain((width) =>
            fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 2, maxLength: 60 }),
          ),
        fc.constantFrom(',', ';', '\t'),
        async (rows, separator) => {
          const text = rows.map((row) => row.join(separator)).join('\n');
          const { report, dataset } = await load([file('t.csv', text)]);
          expect(report.message).not.toContain('an error in this page');
          expect(dataset === null).toBe(report.outcome === 'refused');
          if (dataset) expect(soundDataset(dataset)).not.toBeNull();
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('texts to learn from are named as such', async () => {
  const review = (row: number) => `film number ${row} was long and in the end rather dull`;
  const rows = many(30, (row) => [review(row), row % 2 ? 'good' : 'bad']);
  const alone = await refused([file('reviews.csv', lines(['review', 'label'], ...rows))]);
  expect(alone.message).toContain('Texts to learn from cannot be read yet');
  const beside = many(30, (row) => [review(row), row / 2, row % 2 ? 'good' : 'bad']);
  const { report } = await read(lines(['review', 'minutes', 'label'], ...beside));
  expect(report.warnings.join()).toContain('“review” holds texts. Texts to learn from');
});

describe('a text without separators', () => {
  const wide = (row: number) => [1, 2, 3].map((column) => (row * column) / 7);
  const cases: [string, [string, string][]][] = [
    [
      'JSON Lines',
      [['a.jsonl', many(30, (row) => JSON.stringify({ x: row / 7, kind: row % 2 ? 'a' : 'b' })).join('\n')]],
    ],
    [
      'cells between blanks',
      [['a.data', many(30, (row) => `${wide(row).join('  ')}   ${row % 2 ? 'CYT' : 'NUC'}`).join('\n')]],
    ],
    [
      'doubled tabs',
      [
        [
          'a.txt',
          many(30, (row) => `${wide(row).join('\t')}${row % 7 ? '\t' : '\t\t'}${row % 2}`).join('\n'),
        ],
      ],
    ],
    [
      'any ending',
      [['a.data-numeric', many(30, (row) => ` ${wide(row).join('  ')}  ${row % 2}`).join('\n')]],
    ],
    [
      'pairs of LIBSVM',
      [['a.t', many(30, (row) => `${row % 2 ? '+1' : '-1'} 1:${row / 7} 3:${row / 3}`).join('\n')]],
    ],
    [
      'a matrix and its labels',
      [
        ['X_train.txt', many(30, (row) => wide(row).join(' ')).join('\n')],
        ['y_train.txt', many(30, (row) => `${row % 2}`).join('\n')],
        ['features.txt', many(3, (row) => `${row} name-${row}`).join('\n')],
      ],
    ],
  ];
  test.each(cases)('is a table: %s', async (_, texts) => {
    const { report } = await loadedSet(texts.map(([name, text]) => file(name, text)));
    expect(report).toMatchObject({ outcome: 'loaded', train: 24, test: 6 });
    expect(report.classes).toHaveLength(2);
  });

  test('is refused as before where it is none', async () => {
    expect((await refused([file('a.txt', 'one two\nthree')])).message).toContain('neither a table');
  });
});

test('comments of UCI come before the rows, and classes with a full stop are those without', async () => {
  const rows = (count: number, end: string) =>
    many(count, (row) => `${row / 2}, ${row % 3}, ${row % 2 ? '<=5' : '>5'}${end}`);
  const { report } = await loadedSet([
    file('adult.data', rows(30, '').join('\n')),
    file('adult.test', ['|1x3 Cross validator', ...rows(20, '.')].join('\n')),
  ]);
  expect(report).toMatchObject({ outcome: 'loaded', train: 30, test: 20, classes: ['<=5', '>5'] });
});

test('two tables of one split are asked about, and not joined where they have the same rows', async () => {
  const table = (seed: number) =>
    ['x,y,kind', ...many(40, (row) => `${row / 7 + seed},${(row % 9) / 3},${row % 2}`)].join('\n');
  const both = await loadedSet([file('wine-red.csv', table(0)), file('wine-white.csv', table(50))]);
  expect(both.report.train + both.report.test).toBe(80);
  expect(both.report.guesses.find(({ id }) => id === 'set')).toMatchObject({ value: 'all', open: true });
  const again = await loadedSet([
    file('iris.csv', table(0)),
    file('bezdek.csv', table(0).replace('0,0,0', '9,9,1')),
  ]);
  expect(again.report.outcome).toBe('partial');
  expect(again.report.train + again.report.test).toBeLessThan(41);
  const counted = await loadedSet([file('part-1.csv', table(0)), file('part-2.csv', table(50))]);
  expect(counted.report.guesses.some(({ id }) => id === 'set')).toBe(false);
});

test('more than 256 columns that make no square are measurements, and may be pixels', async () => {
  const row = (n: number) => many(561, (k) => Math.sin((n + 1) * (k + 1))).join(',');
  const { report } = await loadedSet([file('har.csv', many(30, (n) => `${row(n)},${n % 2}`).join('\n'))]);
  expect(report.message).toContain('561 columns');
  expect(report.guesses.find(({ id }) => id === 'rowsAre')).toMatchObject({ value: 'columns', open: true });
});
