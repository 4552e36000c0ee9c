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
