/** Uploads that are odd rather than broken: what the report must say about each. */
import { describe, expect, test } from 'vitest';
import {
  csv,
  dropped,
  file,
  folders,
  gzip,
  idx,
  joined,
  labels,
  loaded,
  loadedSet,
  npy,
  picture,
  pixels,
  refused,
  tar,
  text,
  zip,
} from './builders';

const images = idx([60, 8, 8], pixels(60, 64));
const classes = idx([60], Uint8Array.from(labels(60, 10)));

describe('arrays', () => {
  test('the broken file is named first, and not as if its partner had never had one', async () => {
    const { message } = await refused([
      file('train-images-idx3-ubyte', images.subarray(0, 900)),
      file('train-labels-idx1-ubyte', classes),
    ]);
    expect(message).toMatch(/^train-images-idx3-ubyte is an IDX file whose sizes do not match/);
    expect(message).toMatch(/That leaves labels without images\.$/);
  });

  test('of images without pixels hold no images', async () => {
    const { message } = await refused([
      file('i', idx([60, 0, 28], new Uint8Array(0))),
      file('l', idx([60], Uint8Array.from(labels(60, 10)))),
    ]);
    expect(message).toContain('i holds no images');
  });

  test('labels beyond what numbers can tell apart are refused as such', async () => {
    const big = new BigInt64Array(60).map((_, n) => 2n ** 60n + BigInt(n % 5));
    const { message } = await refused([
      file('X.npy', npy('|u1', [60, 8, 8], pixels(60, 64))),
      file('y.npy', npy('<i8', [60], new Uint8Array(big.buffer))),
    ]);
    expect(message).toContain('X.npy and y.npy: The labels are too large to tell apart');
  });

  test('images without a label (NaN) are left out and counted', async () => {
    const numbers = Float32Array.from(labels(60, 5), (label, n) => (n === 7 || n === 21 ? NaN : label));
    const { report } = await loaded([
      file('X.npy', npy('|u1', [60, 8, 8], pixels(60, 64))),
      file('y.npy', npy('<f4', [60], new Uint8Array(numbers.buffer))),
    ]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 2, classes: ['0', '1', '2', '3', '4'] });
    expect(report.train + report.test).toBe(58);
    expect(report.skipped[0]).toEqual({ where: 'X.npy, image 8', why: 'has no label (NaN)' });
  });

  test('points in time are no labels, and no table of columns either', async () => {
    const { message } = await refused([
      file('X.npy', npy('|u1', [60, 8, 8], pixels(60, 64))),
      file('y.npy', npy('<M8[s]', [60], new Uint8Array(480))),
    ]);
    expect(message).toMatch(/^y\.npy holds values of the type '<M8\[s\]'/);
  });
});

test('a table of measurements is not read as images of four pixels', async () => {
  const rows = Array.from({ length: 90 }, (_, n) => `5.${n % 10},3.5,1.4,0.2,${['a', 'b', 'c'][n % 3]}`);
  const { report } = await loadedSet([
    file('iris.csv', ['length,width,petal length,petal width,species', ...rows].join('\n')),
  ]);
  expect(report).toMatchObject({ shape: null, inputs: { input: { kind: 'vector' } } });
  const small = [file('small.csv', csv(60, 16))];
  expect((await loadedSet(small)).report.shape).toBeNull();
  expect((await loaded(small, { choices: { rowsAre: 'images' } })).report.shape).toEqual([8, 8, 1]);
});

test.each(['"PIXELS"', '"[PIXELS]"'])('images that lie in one cell each are read: %s', async (cell) => {
  const pixels = Array.from({ length: 64 }, (_, i) => i).join(' ');
  const rows = Array.from({ length: 60 }, (_, n) => `${n % 3},${cell.replace('PIXELS', pixels)},Training`);
  const { report } = await loaded([file('faces.csv', ['emotion,pixels,Usage', ...rows].join('\n'))]);
  expect(report).toMatchObject({ train: 48, test: 12, shape: [8, 8, 1], classes: ['0', '1', '2'] });
});

describe('archives', () => {
  const two = folders(['a', 'b'], 10);

  test('array files without labels are not taken for labels of one another', async () => {
    const rows = npy('|u1', [60, 64], pixels(60, 64));
    const { message } = await refused([file('x_train.npy', rows), file('x_test.npy', rows.slice())]);
    expect(message).toMatch(/^x_test\.npy \(60×64\) and x_train\.npy \(60×64\) hold images without labels/);
  });

  test('a NumPy file of a later version is named as such', async () => {
    const later = npy('|u1', [60, 8, 8], pixels(60, 64)).slice();
    later[6] = 9;
    const { message } = await refused([
      file('X.npy', later),
      file('y.npy', npy('|u1', [60], classes.subarray(8))),
    ]);
    expect(message).toContain('X.npy is a NumPy file of version 9');
  });

  test('images without a label (an empty text) are left out and counted', async () => {
    const letters = Uint8Array.from(labels(60, 3), (label, n) => (n === 4 ? 0 : 97 + label));
    const { report } = await loaded([
      file('X.npy', npy('|u1', [60, 8, 8], pixels(60, 64))),
      file('y.npy', npy('|S1', [60], letters)),
    ]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1, classes: ['a', 'b', 'c'] });
    expect(report.skipped[0]).toEqual({ where: 'X.npy, image 5', why: 'has no label' });
  });

  test('arrays that an archive holds twice are read once', async () => {
    const named = { 'train-images': images, 'train-labels': classes };
    const archive: Record<string, Uint8Array<ArrayBuffer>> = {};
    for (const [name, bytes] of Object.entries(named)) {
      archive[`${name}-idx-ubyte/${name}-idx-ubyte`] = bytes;
      archive[`${name}.idx-ubyte`] = bytes;
    }
    // Equal to the training labels, but of the other split.
    archive['test-labels.idx-ubyte'] = classes;
    archive['test-images.idx-ubyte'] = idx([60, 8, 8], pixels(61, 64).slice(64));
    const { report } = await loaded([file('archive.zip', zip(archive))]);
    expect(report).toMatchObject({ outcome: 'partial', train: 60, test: 60, skippedCount: 2 });
    expect(report.skipped[0]).toEqual({
      where: 'archive.zip: train-images.idx-ubyte',
      why: 'is a copy of train-images-idx-ubyte/train-images-idx-ubyte, which was read',
    });
  });

  test('a table with an image in each row counts for more than a few pictures beside it', async () => {
    const entries = { 'train.csv': text(csv(60, 64)), 'example.png': picture(3), 'other.png': picture(4) };
    const { report } = await loaded([file('a.zip', zip(entries))]);
    expect(report).toMatchObject({
      outcome: 'partial',
      format: 'CSV in a zip',
      shape: [8, 8, 1],
      skippedCount: 2,
    });
    expect(report.skipped[0]!.why).toBe('is a picture; the set was read from tables');
  });

  test('training and test parts without a class in common are refused', async () => {
    const { message } = await refused([
      file('m.zip', zip({ ...folders(['Cat', 'Dog'], 5, 'train/'), ...folders(['cat', 'dog'], 5, 'test/') })),
    ]);
    expect(message).toContain('no class in common (such as "Cat" here and "cat" there)');
  });

  test('an entry that is there twice is taken once', async () => {
    const again = tar({ 'a/0.png': picture(4711) });
    const bytes = joined(tar(two).subarray(0, -1024), again);
    const { report } = await loaded([file('m.tar', bytes)]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1 });
    expect(report.train + report.test).toBe(20);
    expect(report.skipped[0]!.why).toContain('a second time');
  });

  test('a name of seventy thousand letters costs one entry, and is not shown whole', async () => {
    const name = `a/${'n'.repeat(70_000)}.png`;
    const long = tar({ '././@LongLink': text(name) }, 'L');
    const bytes = joined(long.subarray(0, -1024), tar({ x: picture(1) }).subarray(0, -1024), tar(two));
    const { report } = await loaded([file('m.tar', bytes)]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1 });
    expect(report.skipped[0]!.where.length).toBeLessThan(310);
  });

  test('a picture that claims to be larger than a picture may be is not unpacked', async () => {
    const huge = joined(picture(3), pixels(1, 3_000_000));
    const { report } = await loaded([file('m.zip', zip({ ...two, 'a/huge.png': huge }, 0))], {
      limits: { pictureBytes: 1_000_000, unpackedBytes: 200_000 },
    });
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1 });
    expect(report.skipped[0]!.where).toContain('a/huge.png');
  });

  test('pictures keep their order by path, however the archive lays them', async () => {
    const shuffled = Object.fromEntries(Object.entries(two).reverse());
    const split = (entries: typeof two) => ({
      ...prefixed(entries, 'train/'),
      ...prefixed(entries, 'test/'),
    });
    const expected = await loaded(dropped(split(two)));
    for (const archive of [file('m.zip', zip(split(shuffled))), file('m.tgz', gzip(tar(split(shuffled))))]) {
      const { dataset } = await loaded([archive]);
      expect(dataset.train.images).toEqual(expected.dataset.train.images);
      expect(dataset.test.labels).toEqual(expected.dataset.test.labels);
    }
  });

  test('a picture that cannot be decoded leaves no hole between the others', async () => {
    const cut = { ...prefixed(two, 'train/'), ...prefixed(two, 'test/') };
    const whole = await loaded([file('m.zip', zip(without(cut, 'train/a/4.png')))]);
    cut['train/a/4.png'] = cut['train/a/4.png']!.subarray(0, 32);
    const { dataset, report } = await loaded([file('m.zip', zip(cut))]);
    expect(report.skippedCount).toBe(1);
    expect(dataset.train.images).toEqual(whole.dataset.train.images);
    expect(dataset.train.labels).toEqual(whole.dataset.train.labels);
  });
});

function prefixed<T>(entries: Record<string, T>, prefix: string): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).map(([path, bytes]) => [prefix + path, bytes]));
}

function without<T>(entries: Record<string, T>, gone: string): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).filter(([path]) => path !== gone));
}
