import { describe, expect, test } from 'vitest';
import {
  dropped,
  file,
  folders,
  gzip,
  load,
  loaded,
  picture,
  refused,
  tar,
  text,
  zip,
  type Bytes,
} from './builders';

const animals = ['cat', 'dog'];
const split = { ...folders(animals, 20, 'train/'), ...folders(animals, 12, 'test/') };

function under(prefix: string, entries: Record<string, Bytes>): Record<string, Bytes> {
  return Object.fromEntries(Object.entries(entries).map(([path, bytes]) => [prefix + path, bytes]));
}

describe('class folders', () => {
  test.each([
    ['zip', [file('x.zip', zip(split))], 'zip of class folders'],
    ['zip, stored', [file('x', zip(split, 0))], 'zip of class folders'],
    ['tar', [file('x', tar(split))], 'tar of class folders'],
    ['tar.gz', [file('x.tgz', gzip(tar(split)))], 'tar of class folders'],
    ['folder', dropped(under('animals/', split)), 'folder of class folders'],
    ['wrapped zip', [file('x.zip', zip(under('a/b/', split)))], 'zip of class folders'],
    [
      'split folders wrapped',
      [
        file(
          'x.zip',
          zip({
            ...folders(animals, 20, 'seg_train/seg_train/'),
            ...folders(animals, 12, 'seg_test/seg_test/'),
          }),
        ),
      ],
      'zip of class folders',
    ],
    [
      'an archive for each split',
      [file('train.zip', zip(folders(animals, 20))), file('test.zip', zip(folders(animals, 12, 'x/')))],
      'zip of class folders',
    ],
    [
      'backslashes',
      [
        file(
          'x.zip',
          zip(Object.fromEntries(Object.entries(split).map(([p, b]) => [p.replaceAll('/', '\\'), b]))),
        ),
      ],
      'zip of class folders',
    ],
  ])('reads a split: %s', async (_, files, format) => {
    const { report } = await loaded(files);
    expect(report).toMatchObject({
      outcome: 'loaded',
      format,
      train: 40,
      test: 24,
      shape: [8, 8, 3],
      classes: animals,
    });
    expect(report.testCounts).toEqual([12, 12]);
    expect(report.warnings).toEqual([]);
  });

  test.each([
    ['Training', 'Validation'],
    ['TRAIN', 'val-1'],
    ['my_train_2', 'dev'],
  ])('uses validation as test: %s, %s', async (train, validation) => {
    const entries = { ...folders(animals, 20, `${train}/`), ...folders(animals, 12, `${validation}/`) };
    const { report } = await loaded([file('x.zip', zip(entries))]);
    expect([report.train, report.test]).toEqual([40, 24]);
    expect(report.warnings.join()).toContain('validation images are used for testing');
  });

  test('takes a class called "test" among others for a class', async () => {
    const { report } = await loaded([file('x.zip', zip(folders(['cat', 'test', 'valid'], 20)))]);
    expect(report.classes).toEqual(['cat', 'test', 'valid']);
    expect([report.train, report.test]).toEqual([48, 12]);
    expect(report.warnings.join()).toContain('seed 1');
  });

  test('takes the outer of two levels as the class and says so', async () => {
    const entries = { ...folders(['a', 'b'], 10, 'greek/'), ...folders(['a', 'b'], 10, 'latin/') };
    const { report } = await loaded([file('x.zip', zip(entries))]);
    expect(report.classes).toEqual(['greek', 'latin']);
    expect(report.warnings.join()).toContain('outer folder');
  });

  test('names classes in NFC by code point, whatever they are called', async () => {
    const names = [
      '__proto__',
      'constructor',
      'b',
      'B',
      'e\u0301',
      '\u{1F600}',
      '\uFF5E',
      '10',
      '9',
      'a b#%&',
    ];
    const { report } = await loaded(dropped(folders(names, 10, 'set/')));
    expect(report.classes).toEqual([
      '10',
      '9',
      'B',
      '__proto__',
      'a b#%&',
      'b',
      'constructor',
      '\u00E9',
      '\uFF5E',
      '\u{1F600}',
    ]);
    expect(report.warnings.join()).toContain('"B" and "b" differ only');
  });

  test('passes over what systems leave behind and notes, but counts other files', async () => {
    const entries = {
      ...split,
      '__MACOSX/train/cat/._0.png': text('x'),
      'train/cat/.DS_Store': text('x'),
      'train/cat/Thumbs.db': text('x'),
      'train/dog/desktop.ini': text('x'),
      'README.md': text('# A set'),
      'train/notes.txt': text('some notes'),
      'meta.json': text('{"a": 1}'),
    };
    expect((await loaded([file('x.zip', zip(entries))])).report).toMatchObject({
      outcome: 'loaded',
      skippedCount: 0,
    });
    const more = {
      ...entries,
      'train/cat/x.psd': Uint8Array.from([0x38, 0x42, 0x50, 0x53, 0]),
      'inner.zip': zip({ 'a.png': picture(1) }),
      'train/cat/empty.png': new Uint8Array(0),
      'train/cat/page.png': text('<html></html>'),
      'train/cat/photo.heic': text('\0\0\0\x18ftypheic'),
      'train/cat/lfs.png': text('version https://git-lfs.github.com/spec/v1\noid sha256:1'),
    };
    const { report } = await loaded([file('x.zip', zip(more as Record<string, Bytes>))]);
    expect(report).toMatchObject({ outcome: 'partial', train: 40, test: 24, skippedCount: 6 });
    const why = new Map(report.skipped.map((skip) => [skip.where.replace(/.*[/ ]/, ''), skip.why]));
    expect(why.get('x.psd')).toContain('no kind that can be read');
    expect(why.get('inner.zip')).toContain('archive inside an archive');
    expect(why.get('empty.png')).toContain('empty');
    expect(why.get('page.png')).toContain('web page');
    expect(why.get('photo.heic')).toContain('HEIC');
    expect(why.get('lfs.png')).toContain('git-LFS');
  });

  test('recognises pictures by their bytes, not by their names', async () => {
    const renamed = Object.fromEntries(
      Object.entries(split).map(([path, bytes]) => [path.replace('.png', '.txt'), bytes]),
    );
    expect((await loaded([file('x.zip', zip(renamed))])).report.outcome).toBe('loaded');
  });

  test('gives all pictures the median size and says how many were resized', async () => {
    const entries: Record<string, Bytes> = {};
    [10, 20, 20, 20, 28, 40, 20, 20, 20, 20].forEach((side, i) => {
      for (const name of animals) entries[`${name}/${i}.png`] = picture(i + name.length * 10, side, side);
    });
    const { report } = await loaded([file('x.zip', zip(entries))]);
    expect(report.shape).toEqual([20, 20, 3]);
    expect(report.warnings.join()).toContain('6 of 20 pictures were resized to 20×20');
  });

  test.each([
    [200, 100, [32, 64, 3]],
    [4, 4, [8, 8, 3]],
    [30, 20, [20, 30, 3]],
    [640, 640, [64, 64, 3]],
  ])('brings pictures of %i×%i to %s', async (width, height, shape) => {
    const entries: Record<string, Bytes> = {};
    for (let i = 0; i < 20; i++) entries[`${animals[i % 2]}/${i}.png`] = picture(i, width, height);
    expect((await loaded([file('x.zip', zip(entries))])).report.shape).toEqual(shape);
  });

  test('makes grey images of pictures only when all of them are grey', async () => {
    const entries: Record<string, Bytes> = {};
    for (let i = 0; i < 20; i++) entries[`${animals[i % 2]}/${i}.png`] = picture(i, 8, 8, [0, 0, 0, 255]);
    expect((await loaded([file('x.zip', zip(entries))])).report.shape).toEqual([8, 8, 1]);
    entries['cat/colour.png'] = picture(99, 8, 8, [10, 0, 0, 255]);
    expect((await loaded([file('x.zip', zip(entries))])).report.shape).toEqual([8, 8, 3]);
  });

  test('shows transparent pictures on white and says so', async () => {
    const entries: Record<string, Bytes> = {};
    for (let i = 0; i < 20; i++)
      entries[`${animals[i % 2]}/${i}.png`] = picture(i, 8, 8, [9, 0, 0, i < 2 ? 0 : 255]);
    const { report, dataset } = await loaded([file('x.zip', zip(entries))]);
    expect(report.warnings.join()).toContain('2 pictures have transparent parts');
    const all = [...dataset.train.images, ...dataset.test.images];
    expect(all.filter((value) => value === 255).length).toBeGreaterThanOrEqual(2 * 8 * 8 * 3);
  });

  test('leaves out pictures that are too large before decoding them', async () => {
    const entries = {
      ...split,
      'train/cat/huge.png': picture(1, 30_000, 30_000),
      'train/cat/none.png': picture(1, 0, 5),
    };
    const { report } = await loaded([file('x.zip', zip(entries))]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 2, train: 40 });
    expect(report.skipped.map(({ why }) => why).join()).toContain('25 million');
  });

  test('leaves out pictures that cannot be decoded', async () => {
    const entries = { ...split, 'train/cat/cut.png': picture(1).subarray(0, 30) };
    const { report } = await loaded([file('x.zip', zip(entries))]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1, train: 40 });
    expect(report.skipped[0]).toEqual({
      where: 'x.zip: train/cat/cut.png',
      why: 'is damaged and cannot be decoded',
    });
  });

  test('lists the first 200 places and counts all', async () => {
    const entries: Record<string, Bytes> = { ...split };
    for (let i = 0; i < 250; i++) entries[`train/cat/bad${i}.png`] = text('not a picture');
    const { report } = await loaded([file('x.zip', zip(entries))]);
    expect(report.skippedCount).toBe(250);
    expect(report.skipped).toHaveLength(200);
  });

  test.each([
    ['one class', folders(['cat'], 10, 'train/'), 'only one class'],
    ['one picture of each class', folders(animals, 1), 'at least 2'],
    ['two pictures in all', { 'a/1.png': picture(1), 'b/2.png': picture(2) }, 'at least 2'],
    ['no folders', { '1.png': picture(1), '2.png': picture(2) }, 'no folders'],
    ['splits without classes', { 'train/1.png': picture(1), 'test/2.png': picture(2) }, 'no class folders'],
    ['nothing but notes', { 'a.txt': text('hello'), 'b.json': text('{}') }, 'no images'],
    ['nothing but documents', { 'a/b.pdf': text('%PDF-1.4') }, 'PDF'],
  ])('refuses a zip with %s', async (_, entries, cause) => {
    const report = await refused([file('x.zip', zip(entries as Record<string, Bytes>))]);
    expect(report.message).toContain(cause);
    expect(report).toMatchObject({ outcome: 'refused', train: 0, shape: null, classes: [] });
  });

  test('goes on without test images that lie in no class', async () => {
    const entries = { ...folders(animals, 20, 'train/'), 'test/1.png': picture(1), 'test/2.png': picture(2) };
    const { report } = await loaded([file('x.zip', zip(entries))]);
    expect(report).toMatchObject({ outcome: 'partial', train: 32, test: 8, skippedCount: 2 });
  });

  test('keeps the limit of images and of entries', async () => {
    const files = [file('x.zip', zip(split))];
    expect((await refused(files, { limits: { images: 63 } })).message).toContain('the limit is 63');
    expect((await refused(files, { limits: { entries: 63 } })).message).toContain('more than 63 entries');
    expect((await refused(dropped(split), { limits: { entries: 63 } })).message).toContain('the limit is 63');
    expect((await refused(dropped(split), { limits: { uploadBytes: 100 } })).message).toContain(
      'the limit is 100 bytes',
    );
  });

  test('stops when it is cancelled', async () => {
    const abort = new AbortController();
    const onProgress = () => abort.abort();
    await expect(load([file('x.zip', zip(split))], { signal: abort.signal, onProgress })).rejects.toThrow(
      'abort',
    );
  });

  test('reports progress in words and shares', async () => {
    const seen: [string, number | null][] = [];
    await loaded([file('x.zip', zip(split))], { onProgress: (words, share) => seen.push([words, share]) });
    expect(seen.map(([words]) => words)).toContain('Decoding pictures');
    expect(seen.every(([, share]) => share === null || (share >= 0 && share <= 1))).toBe(true);
  });
});
