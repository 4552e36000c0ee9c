import { unzlibSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import type { LabelledImages } from '../../../src/data/labelled-images';
import {
  applied,
  editProblem,
  imagesByClass,
  merged,
  relabelled,
  renamed,
  untouched,
  withoutClass,
  withoutImages,
} from '../../../src/data/edit';
import { folderNames, zipOfFolders } from '../../../src/data/export-folders';
import type { DecodedImage } from '../../../src/data/import-dataset';
import { labels, loaded, pixels } from './builders';

function dataset(classes: string[], train: number, test: number, channels = 1): LabelledImages {
  const size = 64 * channels;
  const all = pixels(train + test, size);
  const numbers = Int32Array.from(labels(train + test, classes.length));
  return {
    id: 'digits',
    title: 'Digits',
    height: 8,
    width: 8,
    channels,
    classes,
    train: { images: all.subarray(0, train * size), labels: numbers.slice(0, train), count: train },
    test: { images: all.subarray(train * size), labels: numbers.slice(train), count: test },
  };
}

describe('an edit', () => {
  const set = dataset(['a', 'b', 'c'], 12, 6);
  const start = untouched(set);

  test('of nothing leaves everything as it is', () => {
    const same = applied(set, start);
    expect(same).toMatchObject({ id: 'upload', title: 'Digits (edited)', classes: set.classes });
    expect(same.train.images).toEqual(set.train.images);
    expect(same.test.labels).toEqual(set.test.labels);
    expect(applied(same, untouched(same)).title).toBe('Digits (edited)');
  });

  test('renames a class; another class of that name takes its images', () => {
    expect(renamed(start, 1, ' é ').classes).toEqual(['a', 'é', 'c']);
    expect(renamed(start, 1, '  ')).toBe(start);
    const joined = renamed(start, 0, 'c');
    expect(joined.classes).toEqual(['b', 'c']);
    expect(imagesByClass(joined)[1]).toEqual([0, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17]);
  });

  test('merges and deletes classes', () => {
    const two = merged(start, 2, 0);
    expect(two.classes).toEqual(['a', 'b']);
    expect(applied(set, two).train.labels).toEqual(Int32Array.from([0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0]));
    const less = applied(set, withoutClass(start, 0));
    expect(less.classes).toEqual(['b', 'c']);
    expect([less.train.count, less.test.count]).toEqual([8, 4]);
    expect(less.train.images.slice(0, 64)).toEqual(set.train.images.slice(64, 128));
    expect(less.train.labels.slice(0, 3)).toEqual(Int32Array.from([0, 1, 0]));
  });

  test('relabels and deletes images, of both splits', () => {
    const moved = relabelled(start, [0, 13], 'new');
    expect(moved.classes).toEqual(['a', 'b', 'c', 'new']);
    expect(imagesByClass(moved)[3]).toEqual([0, 13]);
    const fewer = applied(set, withoutImages(start, [1, 2, 17]));
    expect([fewer.train.count, fewer.test.count]).toEqual([10, 5]);
    expect(fewer.train.images.slice(64, 128)).toEqual(set.train.images.slice(192, 256));
  });

  test('leaves the former edit as it was', () => {
    const before = start.labels.slice();
    relabelled(merged(withoutImages(start, [3]), 1, 0), [5], 'x');
    expect(start.labels).toEqual(before);
    expect(start.classes).toEqual(['a', 'b', 'c']);
  });

  test('says what keeps it from being used', () => {
    expect(editProblem(set, start)).toBeNull();
    expect(editProblem(set, merged(merged(start, 2, 0), 1, 0))).toContain('one class');
    expect(editProblem(set, relabelled(start, [13], 'n'))).toContain('“n” has no image to train on');
    expect(editProblem(set, withoutImages(start, [12, 13, 14, 15, 16, 17]))).toContain('test');
  });
});

/** Decodes what `encodePng` writes: no filters. */
async function decodePng(blob: Blob): Promise<DecodedImage> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const channels = bytes[25] === 2 ? 3 : 1;
  const rows = unzlibSync(bytes.subarray(41, 41 + view.getUint32(33)));
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        rgba[(y * width + x) * 4 + c] =
          rows[y * (width * channels + 1) + 1 + x * channels + (channels === 3 ? c : 0)]!;
  return { width, height, rgba };
}

describe('a zip of class folders', () => {
  test.each([1, 3])('gives back every pixel, label and name, channels: %i', async (channels) => {
    const set = dataset(['<b>', 'train', 'T-shirt/top'], 30, 12, channels);
    const blob = await zipOfFolders(set);
    const again = await loaded([{ path: 'set.zip', bytes: blob }], { decodeImage: decodePng });
    expect(again.report.skippedCount).toBe(0);
    expect(again.report.classes).toEqual(['<b>', 'T-shirt∕top', 'train']);
    expect(again.report.trainCounts).toEqual([10, 10, 10]);
    const order = (of: LabelledImages) =>
      Array.from({ length: of.train.count }, (_, n) => {
        const size = 64 * channels;
        return `${of.classes[of.train.labels[n]!]!.replace('∕', '/')} ${of.train.images.slice(n * size, (n + 1) * size).join()}`;
      }).sort();
    expect(order(again.dataset)).toEqual(order(set));
  });

  test('has a folder of its own for each class, whatever its name', () => {
    expect(folderNames(['..', '', 'a/b', 'a∕b', '__MACOSX', 'x\u0000y', '\\'])).toEqual([
      '_..',
      '_',
      'a∕b',
      'a∕b (2)',
      '___MACOSX',
      'x_y',
      '⧵',
    ]);
  });

  test('stops when it is cancelled', async () => {
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    await expect(zipOfFolders(dataset(['a', 'b'], 4, 2), { signal: abort.signal })).rejects.toThrow('enough');
  });
});
