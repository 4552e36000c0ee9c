/** Several sets in one drop, arrays that share their labels, and the order of colours and axes. */
import { expect, test } from 'vitest';
import type { GuessId, ImportReport } from '../../../src/data/import-report';
import type { LabelledImages } from '../../../src/data/labelled-images';
import {
  dropped,
  file,
  folders,
  idx,
  int64,
  labels,
  loaded,
  loadedSet,
  npy,
  pixels,
  refused,
  text,
} from './builders';

function guess({ guesses }: ImportReport, id: GuessId) {
  return guesses.find((known) => known.id === id);
}

/** The first numbers of each image of both splits. */
function firstNumbers({ train, test: tested }: LabelledImages, most: number): string[] {
  return [train, tested].flatMap(({ images, count }) =>
    Array.from({ length: count }, (_, n) => images.slice(n * 192, n * 192 + most).join()),
  );
}

const pair = (name: string, count: number, classes: number) => [
  file(`${name}-images-idx3-ubyte`, idx([count, 8, 8], pixels(count, 64))),
  file(`${name}-labels-idx1-ubyte`, idx([count], Uint8Array.from(labels(count, classes)))),
];

test('sets with labels of their own are asked about and not joined; maps of the chosen one name its classes', async () => {
  const files = [
    ...pair('emnist-letters-train', 40, 4),
    ...pair('emnist-letters-test', 20, 4),
    ...pair('emnist-digits-train', 40, 2),
    ...pair('emnist-digits-test', 20, 2),
    file('emnist-letters-mapping.txt', '0 65 97\n1 66 98\n2 67 99\n3 68 100\n'),
    file('emnist-digits-mapping.txt', '0 48\n1 49\n2 50\n3 51\n'),
  ];
  const report = await refused(files);
  expect(report.message).toContain('2 sets of images');
  expect(guess(report, 'set')).toMatchObject({ value: null, open: true });
  const found = guess(report, 'set');
  expect(found?.kind === 'option' && found.options.map((option) => option.text)).toEqual([
    'digits: 60 images, 2 classes',
    'letters: 60 images, 4 classes',
  ]);
  const chosen = await loaded(files, { choices: { set: '2' } });
  expect(chosen.report).toMatchObject({ train: 40, test: 20, classes: ['A', 'B', 'C', 'D'] });
});

test('sets of folders with splits of their own are asked about; domains are not sets', async () => {
  const split = (classes: string[], prefix: string) => ({
    ...folders(classes, 6, `${prefix}/train/`),
    ...folders(classes, 3, `${prefix}/test/`),
  });
  const sets = dropped({ ...split(['cat', 'dog'], 'pets'), ...split(['oak', 'fir'], 'trees') });
  const report = await refused(sets);
  expect(report.message).toContain('2 sets of pictures');
  const { report: trees } = await loaded(sets, { choices: { set: '2' } });
  expect(trees).toMatchObject({ classes: ['fir', 'oak'], train: 12, test: 6 });
  const domains = await loaded(
    dropped({ ...split(['cat', 'dog'], 'day'), ...split(['cat', 'dog'], 'night') }),
  );
  expect(domains.report).toMatchObject({ classes: ['cat', 'dog'], train: 24, test: 12 });
  expect(guess(domains.report, 'classLevel')).toMatchObject({ value: 'merged', open: true });
});

test('arrays that share one array of labels are domains, of severities where the labels repeat', async () => {
  const each = 20;
  const repeated = Array.from({ length: 5 * each }, (_, n) => labels(each, 2)[n % each]!);
  // The same pictures, a little darker with each severity.
  const clean = pixels(each, 192);
  const darker = (by: number) =>
    Uint8Array.from({ length: 5 * clean.length }, (_, i) => {
      const severity = Math.floor(i / clean.length);
      return Math.max(0, clean[i % clean.length]! - by * (severity + 1));
    });
  const array = (values: Uint8Array) => npy('|u1', [5 * each, 8, 8, 3], values);
  const files = [
    file('brightness.npy', array(darker(2))),
    file('fog.npy', array(darker(5))),
    file('labels.npy', npy('<i8', [5 * each], int64(repeated))),
  ];
  const light = await loaded(files);
  expect(light.report).toMatchObject({ train: 16, test: 4, shape: [8, 8, 3], outcome: 'loaded' });
  expect(guess(light.report, 'domain')).toMatchObject({ value: '1', open: true });
  expect(guess(light.report, 'severity')).toMatchObject({ value: '1', open: true });
  const strong = await loaded(files, { choices: { domain: '2', severity: '5' } });
  expect(strong.report.warnings.join()).toMatch(/“fog” was read.*severity 5 was read/);
  // The last image of fog is the last of the set.
  const last = darker(5).slice(-192).join();
  const all = firstNumbers(strong.dataset, 192);
  expect(all).toContain(last);
  // Labels that repeat by chance: other pictures.
  const others = await loaded([
    file('brightness.npy', array(pixels(5 * each, 192))),
    file('fog.npy', array(pixels(10 * each, 192).subarray(5 * each * 192))),
    files[2]!,
  ]);
  expect(guess(others.report, 'severity')).toBeUndefined();
  const joined = await loaded(files, { choices: { domain: 'all', severity: 'all' } });
  expect(joined.report.train + joined.report.test).toBe(10 * each);
});

/** Smooth pictures in colours that differ; the number of pixel (y, x) and colour c of image n. */
const smooth = (n: number, y: number, x: number, c: number) =>
  (20 * c + 3 * n + 7 * y * (c + 1) + 5 * x) % 256;

function rows(count: number, at: (n: number, i: number) => number): Uint8Array {
  return Uint8Array.from({ length: count * 192 }, (_, i) => at(Math.floor(i / 192), i % 192));
}

const apart = (n: number, i: number) => smooth(n, Math.floor((i % 64) / 8), i % 8, Math.floor(i / 64));
const together = (n: number, i: number) => smooth(n, Math.floor(i / 24), Math.floor(i / 3) % 8, i % 3);

test.each([
  ['planar', apart],
  ['interleaved', together],
] as const)('neighbouring numbers say that rows of colours are %s, in any container', async (order, at) => {
  const count = 20;
  const data = rows(count, at);
  const line = (n: number) => [n % 2, ...data.subarray(n * 192, (n + 1) * 192)].join();
  const containers = [
    [
      file('x.npy', npy('|u1', [count, 192], data)),
      file('y.npy', npy('<i8', [count], int64(labels(count, 2)))),
    ],
    [file('x', idx([count, 192], data)), file('y', idx([count], Uint8Array.from(labels(count, 2))))],
    [
      file(
        'a.csv',
        ['label', ...Array.from({ length: 192 }, (_, i) => `pixel${i}`)].join() +
          '\n' +
          Array.from({ length: count }, (_, n) => line(n)).join('\n'),
      ),
    ],
  ];
  for (const files of containers) {
    const { report, dataset } = await loaded(files);
    const found = guess(report, 'rowLayout')!;
    expect(found).toMatchObject({ value: `8x8 ${order}`, open: true });
    expect(
      found.kind === 'option' && found.options.slice(0, 2).every(({ samples }) => samples !== undefined),
    ).toBe(true);
    expect(report.warnings.join()).toContain('as neighbouring numbers are alike that way');
    const pictures = firstNumbers(dataset, 4);
    expect(pictures).toContain(
      [smooth(0, 0, 0, 0), smooth(0, 0, 0, 1), smooth(0, 0, 0, 2), smooth(0, 0, 1, 0)].join(),
    );
  }
});

test('a last axis that counts the images is the first one', async () => {
  const count = 30;
  const data = Uint8Array.from({ length: 192 * count }, (_, i) => {
    const at = Math.floor(i / count);
    return smooth(i % count, Math.floor(at / 24), Math.floor(at / 3) % 8, at % 3);
  });
  const { report, dataset } = await loaded([
    file('X.npy', npy('|u1', [8, 8, 3, count], data)),
    file('y.npy', npy('|u1', [count, 1], Uint8Array.from(labels(count, 2)))),
  ]);
  expect(report).toMatchObject({ shape: [8, 8, 3], train: 24, test: 6 });
  expect(report.warnings.join()).toContain('its last axis counts the images');
  const pictures = firstNumbers(dataset, 3);
  expect(pictures).toContain([smooth(1, 0, 0, 0), smooth(1, 0, 0, 1), smooth(1, 0, 0, 2)].join());
});

test('measurements are tables: letters before 16 numbers, and columns of different sizes', async () => {
  const letters = Array.from({ length: 60 }, (_, n) =>
    ['ABC'[n % 3], ...Array.from({ length: 16 }, (_unused, i) => (n * (i + 3)) % 16)].join(),
  );
  const first = await loadedSet([file('letters.data', letters.join('\n'))]);
  expect(first.report).toMatchObject({ shape: null, classes: ['A', 'B', 'C'] });
  const sizes = Array.from({ length: 60 }, (_, n) =>
    [...Array.from({ length: 49 }, (_unused, i) => ((n * (i + 3)) % 41) * 10 ** (i % 5)), n % 3].join(),
  );
  const second = await loadedSet([file('wide.csv', text(sizes.join('\n')))]);
  expect(second.report.shape).toBeNull();
  expect(guess(second.report, 'rowsAre')).toMatchObject({ value: 'columns' });
});
