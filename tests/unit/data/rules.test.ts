import { describe, expect, test } from 'vitest';
import { limitsOfMachine } from '../../../src/data/limits';
import { pixelScale } from '../../../src/data/pixel-scale';
import { byCodePoint, pathProblem, roleOf, tidyPath } from '../../../src/data/paths';
import { medianSize, resize, studiedSize } from '../../../src/data/resize';
import { file, folders, idx, labels, loaded, picture, pixels, refused, zip, type Bytes } from './builders';

describe('split words', () => {
  test.each([
    ['train', 'train'],
    ['TRAINING', 'train'],
    ['x_train', 'train'],
    ['train2', 'train'],
    ['train-images-idx3-ubyte', 'train'],
    ['val', 'validation'],
    ['my.dev.set', 'validation'],
    ['test batch', 'test'],
    ['evaluation', 'test'],
    ['t10k-labels-idx1-ubyte', 'test'],
    ['training_set', 'train'],
    ['trainer', null],
    ['contest', null],
    ['валtest', null],
    ['cat', null],
  ])('%s says %s', (name, role) => expect(roleOf(name)).toBe(role));
});

describe('paths', () => {
  test('are tidied', () => {
    expect(tidyPath('.\\a\\\\b/./e\u0301.png')).toBe('a/b/\u00E9.png');
    expect(pathProblem('a/..b/c..png')).toBeNull();
    expect(pathProblem('a/../b')).toContain('..');
    expect(pathProblem('\\server\\x')).toContain('absolute');
  });

  test('are ordered by code point', () => {
    const names = ['\u{1F600}', '\uFF5E', 'b', 'a', 'B', 'ab', ''];
    expect(names.sort(byCodePoint)).toEqual(['', 'B', 'a', 'ab', 'b', '\uFF5E', '\u{1F600}']);
  });
});

describe('value ranges', () => {
  test.each([
    [{ min: 0, max: 255, whole: true }, 200, 200],
    [{ min: 0, max: 16, whole: true }, 16, 255],
    [{ min: 0, max: 1, whole: true }, 1, 255],
    [{ min: 0, max: 17, whole: true }, 17, 17],
    [{ min: 0, max: 0, whole: true }, 0, 0],
    [{ min: 0, max: 1, whole: false }, 0.5, 127.5],
    [{ min: -1, max: 1, whole: false }, 0, 127.5],
    [{ min: 0, max: 254.7, whole: false }, 100.2, 100.2],
    [{ min: 0, max: 65_535, whole: true }, 65_535, 255],
    [{ min: 0, max: 5000, whole: true }, 5000, (5000 * 255) / 65_535],
    [{ min: 0, max: 4000, whole: true }, 4000, 255],
    [{ min: -2, max: 3, whole: false }, 3, 255],
    [{ min: -128, max: 127, whole: true }, -128, 0],
  ])('%o', (range, value, pixel) => {
    const { shift, factor } = pixelScale(range);
    expect((value + shift) * factor).toBeCloseTo(pixel, 9);
  });
});

describe('sizes', () => {
  test('are kept within 8..64 and brought there in proportion', () => {
    expect(studiedSize({ height: 8, width: 64 })).toEqual({ height: 8, width: 64 });
    expect(studiedSize({ height: 100, width: 50 })).toEqual({ height: 64, width: 32 });
    expect(studiedSize({ height: 4, width: 6 })).toEqual({ height: 8, width: 12 });
    expect(studiedSize({ height: 10_000, width: 10 })).toEqual({ height: 64, width: 8 });
  });

  test('have a median that occurs', () => {
    const sizes = [10, 40, 20, 30].map((side) => ({ height: side, width: side + 1 }));
    expect(medianSize(sizes)).toEqual({ height: 20, width: 21 });
  });

  test('change by area average downwards', () => {
    const to = new Uint8Array(4);
    resize(
      [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150],
      { height: 4, width: 4 },
      to,
      { height: 2, width: 2 },
      1,
    );
    expect([...to]).toEqual([25, 45, 105, 125]);
    const third = new Uint8Array(2);
    resize([30, 60, 90], { height: 1, width: 3 }, third, { height: 1, width: 2 }, 1);
    expect([...third]).toEqual([40, 80]);
  });

  test('change linearly upwards and keep each channel', () => {
    const to = new Uint8Array(8);
    resize([0, 200, 100, 0], { height: 1, width: 2 }, to, { height: 1, width: 4 }, 2);
    expect([...to]).toEqual([0, 200, 25, 150, 75, 50, 100, 0]);
    const flat = new Uint8Array(64 * 3);
    resize([7, 8, 9], { height: 1, width: 1 }, flat, { height: 8, width: 8 }, 3);
    expect(new Set(flat)).toEqual(new Set([7, 8, 9]));
  });
});

describe('warnings', () => {
  const of = (entries: Record<string, Bytes>) =>
    loaded([file('x.zip', zip(entries))]).then(({ report }) => report.warnings.join('\n'));

  test('name classes with few images and strong imbalance', async () => {
    const warnings = await of({ ...folders(['many'], 60), ...folders(['few'], 5) });
    expect(warnings).toContain('Fewer than 10 images in 1 class: "few" (5)');
    expect(warnings).toContain('"many" has 60 images, "few" 5');
    expect(await of({ ...folders(['a'], 50, 'x/'), ...folders(['b'], 10, 'x/') })).not.toMatch(
      /Fewer|balance/,
    );
  });

  test('count duplicates across the split and contradicting labels', async () => {
    const entries = { ...folders(['a', 'b'], 20, 'train/'), ...folders(['a', 'b'], 10, 'test/') };
    expect(await of(entries)).toBe('');
    const copy = entries['train/a/3.png']!;
    expect(await of({ ...entries, 'test/a/copy.png': copy })).toBe(
      '1 test image is a duplicate of a training image; test accuracy is too high by these.',
    );
    expect(await of({ ...entries, 'train/b/copy.png': copy })).toBe(
      '1 image is identical to another image with a different label.',
    );
  });

  test('count constant images', async () => {
    const data = pixels(40, 64);
    data.fill(9, 64, 192);
    const files = [file('i', idx([40, 8, 8], data)), file('l', idx([40], Uint8Array.from(labels(40, 2))))];
    expect((await loaded(files)).report.warnings.join('\n')).toContain('2 images are blank: one colour');
  });

  test('tell of classes without training or test images', async () => {
    const entries = { ...folders(['a', 'b', 'c'], 20, 'train/'), ...folders(['a', 'b', 'd'], 10, 'test/') };
    const warnings = await of(entries);
    expect(warnings).toContain('Without training images: "d" (10)');
    expect(warnings).toContain('Without test images: "c" (20)');
  });
});

test('a class of one image is left out, and the rest is read', async () => {
  const entries = {
    ...folders(['a', 'b'], 20, 'train/'),
    ...folders(['a', 'b'], 10, 'test/'),
    'train/c/1.png': picture(1),
  };
  const { report } = await loaded([file('x.zip', zip(entries))]);
  expect(report).toMatchObject({
    outcome: 'partial',
    classes: ['a', 'b'],
    trainCounts: [20, 20],
    skippedCount: 1,
  });
  expect(report.skipped[0]).toEqual({
    where: 'class "c"',
    why: 'has only 1 image; each class needs at least 2',
  });
  const unsplit = { ...folders(['a', 'b'], 20), 'c/1.png': picture(1) };
  expect((await loaded([file('x.zip', zip(unsplit))])).report.classes).toEqual(['a', 'b']);
  const few = { ...folders(['a'], 20), 'c/1.png': picture(1) };
  expect((await refused([file('x.zip', zip(few))])).message).toContain('"c" has only 1 image');
});

test('only a test part is split, and the user is told', async () => {
  const { report } = await loaded([file('x.zip', zip(folders(['a', 'b'], 20, 'test/')))]);
  expect([report.train, report.test]).toEqual([32, 8]);
  expect(report.warnings.join()).toContain('Only a test part');
});

test('a machine with little memory sets a lower limit, and it is said why', async () => {
  const small = { ...limitsOfMachine(1), pixelBytes: 1000 };
  expect(limitsOfMachine(1)).toEqual({ pixelBytes: 256 * 1024 * 1024 });
  expect([limitsOfMachine(8), limitsOfMachine(undefined)]).toEqual([{}, {}]);
  const { message } = await refused([file('set.zip', zip(folders(['a', 'b'], 10)))], { limits: small });
  expect(message).toContain(
    'images take 1 kB of memory; the limit is 1,000 bytes, a quarter of this machine’s memory',
  );
});
