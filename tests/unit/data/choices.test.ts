import { describe, expect, test } from 'vitest';
import type { GuessId, ImportReport } from '../../../src/data/import-report';
import {
  cifar,
  csv,
  dropped,
  file,
  folders,
  idx,
  int64,
  joined,
  labels,
  loaded,
  npy,
  picture,
  pixels,
  refused,
  tar,
  text,
  zip,
} from './builders';

function guess(report: ImportReport, id: GuessId) {
  return report.guesses.find((known) => known.id === id);
}

const image = 64;
const idxPair = (count: number, classes = 2) => [
  file('images', idx([count, 8, 8], pixels(count, image))),
  file('labels', idx([count], Uint8Array.from(labels(count, classes)))),
];

describe('a guess can be decided:', () => {
  test('size of the images', async () => {
    const { report } = await loaded(idxPair(40));
    expect(guess(report, 'imageHeight')).toEqual({
      kind: 'number',
      id: 'imageHeight',
      label: 'Image height',
      value: 8,
      min: 8,
      max: 224,
      unit: 'pixels',
      chosen: false,
    });
    const larger = await loaded(idxPair(40), { choices: { imageHeight: 16, imageWidth: 12 } });
    expect(larger.report.shape).toEqual([16, 12, 1]);
    expect(guess(larger.report, 'imageHeight')).toMatchObject({ value: 16, chosen: true });
    const absurd = await loaded(idxPair(40), { choices: { imageHeight: 4096, imageWidth: 'x' } });
    expect(absurd.report.shape).toEqual([8, 8, 1]);
  });

  test('size of larger images, which are made small unless more is asked for', async () => {
    const wide = [
      file('images', idx([8, 120, 160], pixels(8, 120 * 160))),
      file('labels', idx([8], Uint8Array.from(labels(8, 2)))),
    ];
    const { report } = await loaded(wide);
    expect(report.shape).toEqual([48, 64, 1]);
    const asked = guess(report, 'imageSize');
    expect(asked).toMatchObject({ kind: 'option', value: '64', chosen: false });
    expect(asked?.kind === 'option' && asked.options.map(({ value, image: of }) => [value, of])).toEqual([
      ['64', { height: 48, width: 64, bytes: 3 * 8 * 48 * 64 }],
      ['96', { height: 72, width: 96, bytes: 3 * 8 * 72 * 96 }],
      ['128', { height: 96, width: 128, bytes: 3 * 8 * 96 * 128 }],
      ['160', { height: 120, width: 160, bytes: 3 * 8 * 120 * 160 }],
    ]);
    const larger = await loaded(wide, { choices: { imageSize: '160' } });
    expect(larger.report.shape).toEqual([120, 160, 1]);
    // What would not fit is not offered; of sides given by hand the limit is said.
    const limits = { pixelBytes: 3 * 8 * 72 * 96 };
    const few = guess((await loaded(wide, { limits })).report, 'imageSize');
    expect(few?.kind === 'option' && few.options.map(({ value }) => value)).toEqual(['64', '96']);
    const small = await loaded(idxPair(40));
    expect(guess(small.report, 'imageSize')).toBeUndefined();
  });

  test('colour of pictures and of arrays', async () => {
    const coloured = await loaded(dropped(folders(['a', 'b'], 10)));
    expect(guess(coloured.report, 'colour')).toMatchObject({ value: 'colour' });
    const grey = await loaded(dropped(folders(['a', 'b'], 10)), { choices: { colour: 'grey' } });
    expect(grey.report.shape).toEqual([8, 8, 1]);
    const [red, green, blue] = coloured.dataset.train.images;
    expect(grey.dataset.train.images[0]).toBe(Math.round(0.299 * red! + 0.587 * green! + 0.114 * blue!));
    const tinted = await loaded(idxPair(40), { choices: { colour: 'colour' } });
    expect(tinted.report.shape).toEqual([8, 8, 3]);
    expect(tinted.dataset.train.images.slice(0, 3)).toEqual(
      new Uint8Array(3).fill(tinted.dataset.train.images[0]!),
    );
  });

  test('rows and columns exchanged, which files of EMNIST are by themselves', async () => {
    const asStored = await loaded(idxPair(40));
    const mirrored = await loaded(idxPair(40), { choices: { transpose: 'yes' } });
    const [before, after] = [asStored.dataset.train.images, mirrored.dataset.train.images];
    expect(after[1]).toBe(before[8]);
    expect(after[8]).toBe(before[1]);
    const emnist = idxPair(40).map((one) => ({ ...one, path: `emnist-letters-${one.path}` }));
    expect((await loaded(emnist)).dataset.train.images).toEqual(after);
    expect((await loaded(emnist, { choices: { transpose: 'no' } })).dataset.train.images).toEqual(before);
  });

  test('range of the values', async () => {
    const bytes = pixels(40, image).map((value) => value % 17);
    const files = [
      file('x.npy', npy('|u1', [40, 8, 8], bytes)),
      file('y.npy', npy('<i8', [40], int64(labels(40, 2)))),
    ];
    const { report, dataset } = await loaded(files);
    expect(guess(report, 'values')).toMatchObject({ value: 'largest' });
    expect(Math.max(...dataset.train.images)).toBe(255);
    const kept = await loaded(files, { choices: { values: 'bytes' } });
    expect(Math.max(...kept.dataset.train.images)).toBe(16);
  });

  test('layout of flat colour rows', async () => {
    const files = [
      file('x.npy', npy('|u1', [40, 192], pixels(40, 192))),
      file('y.npy', npy('<i8', [40], int64(labels(40, 2)))),
    ];
    const planar = await loaded(files);
    expect(guess(planar.report, 'rowLayout')).toMatchObject({ value: '8x8 planar' });
    expect(planar.report.warnings.join()).toContain('all red, then all green');
    const apart = await loaded(files, { choices: { rowLayout: '8x8 interleaved' } });
    // The second number of a row is the first pixel's green, or the second pixel's red.
    expect(apart.dataset.train.images[1]).toBe(planar.dataset.train.images[3]);
    const wide = await loaded(files, { choices: { rowLayout: '12x16 grey' } });
    expect(wide.report.shape).toEqual([12, 16, 1]);
  });

  test('rows that make no square are refused until the user says what they are', async () => {
    const files = [
      file('x.npy', npy('|u1', [40, 96], pixels(40, 96))),
      file('y.npy', npy('<i8', [40], int64(labels(40, 2)))),
    ];
    const report = await refused(files);
    expect(report.message).toContain('Choose height and width');
    expect(guess(report, 'rowLayout')).toMatchObject({ value: null });
    const chosen = await loaded(files, { choices: { rowLayout: '8x12 grey' } });
    expect(chosen.report.shape).toEqual([8, 12, 1]);
    const table = await refused([file('a.csv', csv(40, 96))], { choices: { rowsAre: 'images' } });
    expect(guess(table, 'rowLayout')).toMatchObject({ value: null });
    const read = await loaded([file('a.csv', csv(40, 96))], { choices: { rowLayout: '12x8 grey' } });
    expect(read.report.shape).toEqual([12, 8, 1]);
  });

  test('label column of a table', async () => {
    const rows = Array.from({ length: 60 }, (_, n) => [
      ...Array.from({ length: 30 }, (_unused, i) => (n * 7 + i * 13) % 256),
      n % 3,
      ...Array.from({ length: 34 }, (_unused, i) => (n * 5 + i * 11) % 256),
    ]);
    const files = [file('a.csv', rows.map((row) => row.join()).join('\n'))];
    const { report } = await loaded(files, { choices: { labelColumn: 31 } });
    expect(report.classes).toEqual(['0', '1', '2']);
    expect(guess(report, 'labelColumn')).toMatchObject({ value: 31, min: 1, max: 65, chosen: true });
    const named = await loaded([
      file('b.csv', csv(60, image, { header: ['label', ...Array.from({ length: 64 }, (_, i) => `p${i}`)] })),
    ]);
    expect(guess(named.report, 'labelColumn')).toMatchObject({ value: 1 });
  });

  test('fine or coarse labels of CIFAR-100', async () => {
    const files = {
      'cifar-100-binary/train.bin': cifar(40, 2),
      'cifar-100-binary/test.bin': cifar(20, 2, 1000),
      'cifar-100-binary/fine_label_names.txt': text('ant\nbee\ncat\ndog\n\n'),
      'cifar-100-binary/coarse_label_names.txt': text('insects\nmammals\n'),
    };
    const fine = await loaded([file('c.tar', tar(files))]);
    expect(fine.report.classes).toEqual(['ant', 'bee', 'cat', 'dog']);
    expect(guess(fine.report, 'labels')).toMatchObject({ value: 'fine' });
    const coarse = await loaded([file('c.tar', tar(files))], { choices: { labels: 'coarse' } });
    expect(coarse.report.classes).toEqual(['insects', 'mammals']);
    expect(coarse.report.trainCounts).toEqual([20, 20]);
  });

  test('one of several labels in an NPZ; the others are not counted as left out', async () => {
    const files = [
      file(
        'set.npz',
        zip({
          'x.npy': npy('|u1', [40, 8, 8], pixels(40, image)),
          'fine_labels.npy': npy('<i8', [40], int64(labels(40, 4))),
          'coarse_labels.npy': npy('<i8', [40], int64(labels(40, 2))),
        }),
      ),
    ];
    const fine = await loaded(files);
    expect(fine.report).toMatchObject({ outcome: 'loaded', classes: ['0', '1', '2', '3'] });
    const coarse = await loaded(files, { choices: { labels: 'coarse labels' } });
    expect(coarse.report.classes).toEqual(['0', '1']);
  });

  test('which level of folders is the class', async () => {
    const deep = (prefix: string) =>
      folders(['Greek/alpha', 'Greek/beta', 'Latin/alpha', 'Latin/beta'], 5, prefix);
    const outer = await loaded(dropped({ ...deep('train/'), ...deep('test/') }));
    expect(outer.report.classes).toEqual(['Greek', 'Latin']);
    const inner = await loaded(dropped({ ...deep('train/'), ...deep('test/') }), {
      choices: { classLevel: 'inner' },
    });
    expect(inner.report.classes).toEqual(['Greek/alpha', 'Greek/beta', 'Latin/alpha', 'Latin/beta']);
    expect([inner.report.train, inner.report.test]).toEqual([20, 20]);
  });

  test('share and seed of the split, and a new split in place of the files’ own', async () => {
    const half = await loaded(idxPair(40), { choices: { testShare: 50, seed: 3 } });
    expect(half.report.testCounts).toEqual([10, 10]);
    expect(half.report.warnings.join()).toContain('50 % to 50 % of each class, with seed 3');
    const split = dropped({ ...folders(['a', 'b'], 10, 'train/'), ...folders(['a', 'b'], 10, 'test/') });
    const given = await loaded(split);
    expect(guess(given.report, 'testShare')).toBeUndefined();
    expect(guess(given.report, 'split')).toMatchObject({ value: 'files' });
    const anew = await loaded(split, { choices: { split: 'own', testShare: 10 } });
    expect([anew.report.trainCounts, anew.report.testCounts]).toEqual([
      [18, 18],
      [2, 2],
    ]);
  });

  test('what becomes of validation images', async () => {
    const three = dropped({
      ...folders(['a', 'b'], 10, 'train/'),
      ...folders(['a', 'b'], 6, 'val/'),
      ...folders(['a', 'b'], 4, 'test/'),
    });
    for (const [choice, train, test_] of [
      ['train', 32, 8],
      ['test', 20, 20],
      ['out', 20, 8],
    ] as const) {
      const { report, dataset } = await loaded(three, { choices: { validation: choice } });
      expect([report.train, report.test]).toEqual([train, test_]);
      expect(dataset.test.images.length).toBe(test_ * 192);
    }
  });

  test('what is behind transparent parts', async () => {
    const files = dropped(
      Object.fromEntries(
        ['a', 'b'].flatMap((name, c) =>
          Array.from({ length: 10 }, (_, n) => [`${name}/${n}.png`, picture(c * 50 + n, 8, 8, [9, 9, 9, 0])]),
        ),
      ),
    );
    expect((await loaded(files)).dataset.train.images[0]).toBe(255);
    const dark = await loaded(files, { choices: { background: 'black' } });
    expect(dark.dataset.train.images[0]).toBe(0);
    expect(dark.report.warnings.join()).toContain('shown on black');
  });
});

describe('pictures that were put into classes', () => {
  const typed = (name: string, count: number, className: string) =>
    Array.from({ length: count }, (_, n) => ({
      ...file(`${name}${n}.png`, picture(n + name.length * 100)),
      className,
    }));

  test('make a set, whatever the classes are called', async () => {
    const { report } = await loaded([...typed('x', 10, '../etc'), ...typed('yy', 10, ' test ')]);
    expect(report).toMatchObject({ outcome: 'loaded', format: 'pictures by class' });
    expect(report.classes).toEqual(['../etc', 'test']);
    expect(report.trainCounts).toEqual([8, 8]);
  });

  test('are refused with one class, and counted when one has none', async () => {
    expect((await refused(typed('x', 10, 'only'))).message).toContain('only one class ("only")');
    const { report } = await loaded([
      ...typed('x', 10, 'a'),
      ...typed('yy', 10, 'b'),
      file('stray.png', picture(999)),
    ]);
    expect(report.skipped).toEqual([{ where: 'stray.png', why: 'was put into no class' }]);
  });
});

test('the images of both splits lie in one array, in their order', async () => {
  const files = [
    file('images', joined(idx([40, 8, 8], pixels(40, image)))),
    file('labels', idx([40], Uint8Array.from(labels(40, 2)))),
  ];
  const { dataset } = await loaded(files);
  expect(dataset.train.images.buffer).toBe(dataset.test.images.buffer);
  const all = pixels(40, image);
  const rows = Array.from({ length: 40 }, (_, n) => all.slice(n * image, (n + 1) * image).join());
  const placesOf = ({ images, count }: { images: Uint8Array; count: number }) =>
    Array.from({ length: count }, (_, n) => rows.indexOf(images.slice(n * image, (n + 1) * image).join()));
  const [train, test_] = [placesOf(dataset.train), placesOf(dataset.test)];
  expect([...train].sort((a, b) => a - b)).toEqual(train);
  expect([...test_].sort((a, b) => a - b)).toEqual(test_);
  expect([...train, ...test_].sort((a, b) => a - b)).toEqual(Array.from(rows.keys()));
  expect(dataset.train.labels).toEqual(Int32Array.from(train, (row) => row % 2));
});
