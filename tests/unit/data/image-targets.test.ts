/** Images whose labels are numbers, or several at once. */
import { describe, expect, test } from 'vitest';
import { onlyView, type Split } from '../../../src/data/dataset';
import { soundDataset } from '../../../src/storage/set-contents';
import { csv, file, int64, labels, loaded, loadedSet, npy, picture, pixels, refused, zip } from './builders';

const image = 64;
const targetsOf = ({ targets }: Split) => [...targets.values];
const float64 = (values: readonly number[]) => new Uint8Array(Float64Array.from(values).buffer);
const counting = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('numbers', () => {
  test('with decimals beside images are what is learned, each beside its own image', async () => {
    const count = 60;
    const values = counting(count).map((n) => n / 4 - 3);
    // The first pixel says which image it is.
    const shown = pixels(count, image);
    counting(count).forEach((n) => (shown[n * image] = 4 * n));
    const { report, dataset } = await loadedSet([
      file('x.npy', npy('|u1', [count, 8, 8], shown)),
      file('y.npy', npy('<f8', [count], float64(values))),
    ]);
    expect(dataset).toMatchObject({ task: 'regression', target: { kind: 'number' } });
    expect(report).toMatchObject({ shape: [8, 8, 1], classes: [], train: 50, test: 10 });
    expect(report.message).toContain('8×8 grey, 1 number');
    for (const split of [dataset.train, dataset.test])
      targetsOf(split).forEach((value, row) => {
        const first = split.inputs[onlyView]!.values[row * image]!;
        expect(value).toBe(values[Math.round(first / 4)]);
      });
    expect(soundDataset(dataset)).not.toBeNull();
  });

  test('that are whole are classes unless the user says numbers', async () => {
    const files = [
      file('x.npy', npy('|u1', [90, 8, 8], pixels(90, image))),
      file('y.npy', npy('<i8', [90], int64(counting(90).map((n) => n % 30)))),
    ];
    const classes = await loaded(files);
    expect(classes.report.guesses.find(({ id }) => id === 'targetKind')).toMatchObject({ value: 'class' });
    const numbers = await loadedSet(files, { choices: { targetKind: 'number' } });
    expect(numbers.dataset.target.kind).toBe('number');
    const few = [files[0]!, file('y.npy', npy('<i8', [90], int64(labels(90, 3))))];
    expect((await loaded(few)).report.guesses.some(({ id }) => id === 'targetKind')).toBe(false);
  });

  test('of few values with decimals are refused as classes, with the choice of numbers', async () => {
    const table = [file('a.csv', csv(60, image, { label: (n) => String((n % 4) / 4) }))];
    const report = await refused(table);
    expect(report.message).toContain('not whole numbers');
    expect(report.guesses.some(({ id }) => id === 'targetKind')).toBe(true);
    expect((await loadedSet(table, { choices: { targetKind: 'number' } })).dataset.task).toBe('regression');
  });

  test('come from a table beside the pictures, with its title and unit', async () => {
    const names = counting(40).map((n) => `p${n}.png`);
    const rows = names.map((name, n) => `${name},${n + 0.5}`);
    const { dataset } = await loadedSet([
      file(
        'hands.zip',
        zip({
          ...Object.fromEntries(names.map((name, n) => [name, picture(n)])),
          'angles.csv': new TextEncoder().encode(['file,angle (°)', ...rows].join('\n')),
        }),
      ),
    ]);
    expect(dataset.target).toEqual({ kind: 'number', names: ['angle'], units: ['°'] });
    expect([...targetsOf(dataset.train), ...targetsOf(dataset.test)].sort((a, b) => a - b)).toEqual(
      counting(40).map((n) => n + 0.5),
    );
  });

  test('come from the ends of file names; whole numbers there only count the files', async () => {
    const files = counting(40).map((n) => [`hand_${n}_${(n / 8).toFixed(3)}.png`, picture(n)] as const);
    const { dataset, report } = await loadedSet([file('hands.zip', zip(Object.fromEntries(files)))]);
    expect(dataset.target.kind).toBe('number');
    expect(Math.max(...targetsOf(dataset.train), ...targetsOf(dataset.test))).toBe(39 / 8);
    expect(report.warnings.join()).toContain('The number at the end of each file name');
    const counted = counting(40).map((n) => [`hand_${n}.png`, picture(n)] as const);
    expect((await refused([file('hands.zip', zip(Object.fromEntries(counted)))])).message).toContain(
      'no folders',
    );
  });
});

describe('several labels', () => {
  const tags = (count: number, row: (n: number) => readonly number[]) =>
    new Uint8Array(counting(count).flatMap((n) => [...row(n)]));
  const several = (n: number) => [n % 2, n % 3 === 0 ? 1 : 0, 1];
  const oneHot = (n: number) => [0, 1, 2].map((k) => Number(n % 3 === k));

  test('of a MedMNIST-like set are kept, in a part of which each row has one label too', async () => {
    const files = (row: (n: number) => readonly number[]) => [
      file('train_images.npy', npy('|u1', [60, 8, 8], pixels(60, image))),
      file('train_labels.npy', npy('|u1', [60, 3], tags(60, several))),
      file('test_images.npy', npy('|u1', [20, 8, 8], pixels(20, image))),
      file('test_labels.npy', npy('|u1', [20, 3], tags(20, row))),
    ];
    const { dataset, report } = await loadedSet(files(several));
    expect(dataset).toMatchObject({ task: 'multilabel', target: { kind: 'labels', names: ['0', '1', '2'] } });
    expect(report).toMatchObject({ train: 60, test: 20, classes: [] });
    expect(report.message).toContain('3 labels');
    expect(targetsOf(dataset.train)).toEqual(counting(60).flatMap((n) => several(n)));
    const mixed = await loadedSet(files(oneHot));
    expect(targetsOf(mixed.dataset.test)).toEqual(counting(20).flatMap((n) => oneHot(n)));
    expect(soundDataset(mixed.dataset)).not.toBeNull();
  });

  test('are classes where each row has exactly one', async () => {
    const { report } = await loaded([
      file('x.npy', npy('|u1', [60, 8, 8], pixels(60, image))),
      file('y.npy', npy('|u1', [60, 3], tags(60, oneHot))),
    ]);
    expect(report.classes).toEqual(['0', '1', '2']);
  });

  test('that are neither 0 nor 1 are refused', async () => {
    const report = await refused([
      file('x.npy', npy('|u1', [60, 8, 8], pixels(60, image))),
      file(
        'y.npy',
        npy(
          '|u1',
          [60, 3],
          tags(60, () => [2, 0, 1]),
        ),
      ),
    ]);
    expect(report.message).toContain('not all 0 or 1');
  });
});

test('several numbers of each image are asked about, column by column and array by array', async () => {
  const factors = (scale: number) =>
    npy(
      '|u1',
      [60, 3],
      Uint8Array.from(counting(60).flatMap((n) => [7, (n % 3) * scale, Math.floor(n / 3) * scale])),
    );
  const files = [
    file('imgs.npy', npy('|u1', [60, 8, 8], pixels(60, image))),
    file('latents_classes.npy', factors(1)),
    file('latents_values.npy', factors(2)),
  ];
  const all = await loadedSet(files);
  expect(all.report.outcome).toBe('loaded');
  expect(all.dataset.train.targets.shape).toEqual([3]);
  const one = await loadedSet(files, { choices: { labels: 'latents values', labelColumn: '2' } });
  expect(one.report.classes).toEqual(['0', '2', '4']);
  const offered = one.report.guesses.find(({ id }) => id === 'labelColumn');
  expect(offered).toMatchObject({ options: [{ value: 'all' }, { value: '2' }, { value: '3' }] });
});

describe('a table beside pictures', () => {
  const set = (header: string, row: (n: number) => readonly unknown[]) => [
    file(
      'set.zip',
      zip({
        ...Object.fromEntries(counting(40).map((n) => [`p${n}.png`, picture(n)])),
        'about.csv': new TextEncoder().encode(
          [header, ...counting(40).map((n) => [`p${n}.png`, ...row(n)].join())].join('\n'),
        ),
      }),
    ),
  ];
  const marks = (n: number, absent = 0) => [0, 1, 2].map((k) => (n % (k + 2) === 0 ? 1 : absent));

  test('of several numbers is learned as all of them, or as one where the user says so', async () => {
    const files = set('file,x (px),y (px),nr', (n) => [n / 4, 30 - n / 2, n % 3]);
    const { dataset, report } = await loadedSet(files);
    expect(dataset.target).toEqual({ kind: 'number', names: ['x', 'y'], units: ['px', 'px'] });
    expect(dataset.train.targets.shape).toEqual([2]);
    const values = targetsOf(dataset.train);
    expect(values.filter((_, i) => i % 2 === 1)).toEqual(
      values.filter((_, i) => i % 2 === 0).map((x) => 30 - 2 * x),
    );
    expect(report.guesses.map(({ id }) => id)).toContain('alsoTargets');
    const one = await loadedSet(files, { choices: { alsoTargets: '' } });
    expect(one.dataset.target).toMatchObject({ kind: 'number', names: ['x'] });
    const classes = await loadedSet(files, { choices: { target: '3' } });
    expect(classes.report.classes).toEqual(['0', '1', '2']);
  });

  test.each([
    ['zeros and ones', 0],
    ['ones and minus ones', -1],
  ])('of %s is learned as several labels', async (_, absent) => {
    const { dataset } = await loadedSet(set('file,red,round,big', (n) => marks(n, absent)));
    expect(dataset).toMatchObject({
      task: 'multilabel',
      target: { kind: 'labels', names: ['red', 'round', 'big'] },
    });
    const all = [...targetsOf(dataset.train), ...targetsOf(dataset.test)];
    expect(all.reduce((sum, value) => sum + value, 0)).toBe(
      counting(40)
        .flatMap((n) => marks(n))
        .filter(Boolean).length,
    );
  });

  test('in whose columns each row marks one has classes', async () => {
    const { report } = await loadedSet(
      set('file,is_cat,is_dog,is_fox', (n) => [0, 1, 2].map((k) => Number(n % 3 === k))),
    );
    expect(report.classes).toEqual(['cat', 'dog', 'fox']);
  });

  test('with lists in its cells has several labels', async () => {
    const { dataset } = await loadedSet(
      set('file,label', (n) => [['cat', 'dog', 'cat;dog', 'dog;fox'][n % 4]]),
    );
    expect(dataset.target).toEqual({ kind: 'labels', names: ['cat', 'dog', 'fox'] });
    expect(targetsOf(dataset.train).length).toBe(3 * dataset.train.count);
  });

  test('with a titled label keeps it, whatever other columns say', async () => {
    const { report } = await loadedSet(
      set('file,width,label,height', (n) => [n / 3, ['cat', 'dog'][n % 2], n / 7]),
    );
    expect(report.classes).toEqual(['cat', 'dog']);
    expect(report.guesses.find(({ id }) => id === 'target')).toMatchObject({ value: '2' });
  });
});

describe('rows of numbers beside arrays of images', () => {
  const shown = file('x.npy', npy('|u1', [60, 8, 8], pixels(60, image)));

  test('are several numbers', async () => {
    const { dataset } = await loadedSet([
      shown,
      file('y.npy', npy('<f8', [60, 2], float64(counting(120).map((n) => n / 3 - 7)))),
    ]);
    expect(dataset.target).toEqual({ kind: 'number', names: ['number 1', 'number 2'], units: ['', ''] });
    const values = targetsOf(dataset.test);
    for (let i = 0; i < values.length; i += 2) expect(values[i + 1]! - values[i]!).toBeCloseTo(1 / 3, 5);
  });

  test('of different lengths for training and test are refused in a sentence', async () => {
    const of = (role: string, width: number) => [
      file(`x_${role}.npy`, npy('|u1', [60, 8, 8], pixels(60, image))),
      file(`y_${role}.npy`, npy('<f8', [60, width], float64(counting(60 * width).map((n) => n / 3)))),
    ];
    expect((await refused([...of('train', 2), ...of('test', 3)])).message).toContain(
      'different kinds of labels',
    );
  });

  test('that are not finite are refused in a sentence', async () => {
    const values = counting(120).map((n) => (n === 9 ? NaN : n / 3));
    const { message } = await refused([shown, file('y.npy', npy('<f8', [60, 2], float64(values)))]);
    expect(message).toContain('row 5 has one that is missing');
  });

  test('with one 1 each are classes unless the user says labels', async () => {
    const oneHot = new Uint8Array(counting(60).flatMap((n) => [0, 1, 2].map((k) => Number(n % 3 === k))));
    const files = [shown, file('y.npy', npy('|u1', [60, 3], oneHot))];
    expect((await loadedSet(files)).report.classes).toEqual(['0', '1', '2']);
    const several = await loadedSet(files, { choices: { targetKind: 'labels' } });
    expect(several.dataset.target.kind).toBe('labels');
    expect(targetsOf(several.dataset.train).reduce((sum, value) => sum + value, 0)).toBe(
      several.dataset.train.count,
    );
  });
});
