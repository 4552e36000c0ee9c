import { describe, expect, test } from 'vitest';
import { file, gzip, idx, labels, loaded, picture, pixels, refused, zip, type Bytes } from './builders';

const image = 8 * 8;

function pair(name: string, count: number, classes = 4): [string, Bytes][] {
  return [
    [`${name}-images-idx3-ubyte`, idx([count, 8, 8], pixels(count, image))],
    [`${name}-labels-idx1-ubyte`, idx([count], Uint8Array.from(labels(count, classes)))],
  ];
}

describe('IDX', () => {
  test('reads four gzipped files in any order of dropping', async () => {
    const [trainImages, trainLabels, testImages, testLabels] = [
      ...pair('train', 80),
      ...pair('t10k', 40),
    ].map(([name, bytes]) => file(`${name}.gz`, gzip(bytes)));
    const { report, dataset } = await loaded([testLabels!, trainImages!, trainLabels!, testImages!]);
    expect(report).toMatchObject({ outcome: 'loaded', format: 'IDX', train: 80, test: 40, shape: [8, 8, 1] });
    expect(report.trainCounts).toEqual([20, 20, 20, 20]);
    expect(report.testCounts).toEqual([10, 10, 10, 10]);
    expect(dataset.train.images).toEqual(pixels(80, image));
    expect([...dataset.train.labels]).toEqual(labels(80, 4));
    expect(dataset.classes).toEqual(['0', '1', '2', '3']);
  });

  test('does not trust names: the larger pair is for training when nothing says which is', async () => {
    const small = pair('a', 40);
    const large = pair('b', 80);
    const { report } = await loaded([...small, ...large].map(([name, bytes]) => file(`x${name}`, bytes)));
    expect([report.train, report.test]).toEqual([80, 40]);
    expect(report.warnings.join()).toContain('taken for training');
  });

  test('splits a single pair itself, by class and seed', async () => {
    const files = pair('some', 100, 5).map(([name, bytes]) => file(name, bytes));
    const first = await loaded(files, { choices: { seed: 7 } });
    const again = await loaded(files, { choices: { seed: 7 } });
    const other = await loaded(files, { choices: { seed: 8 } });
    expect(first.report.trainCounts).toEqual([16, 16, 16, 16, 16]);
    expect(first.report.testCounts).toEqual([4, 4, 4, 4, 4]);
    expect(first.report.warnings.join()).toContain('seed 7');
    expect(again.dataset.test.images).toEqual(first.dataset.test.images);
    expect(other.dataset.test.images).not.toEqual(first.dataset.test.images);
  });

  test('reads colour images and big-endian floats', async () => {
    const colour = [
      file('i', idx([40, 8, 8, 3], pixels(40, image * 3))),
      file('l', idx([40], Uint8Array.from(labels(40, 2)))),
    ];
    expect((await loaded(colour)).report.shape).toEqual([8, 8, 3]);
    const floats = new DataView(new ArrayBuffer(40 * image * 4));
    for (let i = 0; i < 40 * image; i++) floats.setFloat32(i * 4, (i % 256) / 255);
    const { dataset } = await loaded(
      [
        file('i', idx([40, 8, 8], new Uint8Array(floats.buffer), 0x0d)),
        file('l', idx([40], Uint8Array.from(labels(40, 2)))),
      ],
      { choices: { seed: 1 } },
    );
    const values = new Set([...dataset.train.images, ...dataset.test.images]);
    expect(values.size).toBe(256);
  });

  test('takes class names from a file beside it and closes gaps in the labels', async () => {
    const values = Uint8Array.from(labels(60, 3), (label) => [0, 1, 7][label]!);
    const images = file('images', idx([60, 8, 8], pixels(60, image)));
    const gaps = await loaded([images, file('labels', idx([60], values))]);
    expect(gaps.dataset.classes).toEqual(['0', '1', '7']);
    expect(Math.max(...gaps.dataset.train.labels)).toBe(2);
    expect(gaps.report.warnings.join()).toContain('0, 1, 7');
    const names = file('class-names.txt', 'a\nb\nc\nd\ne\nf\ng\nseven\n\n');
    const named = await loaded([names, images, file('labels', idx([60], values))]);
    expect(named.dataset.classes).toEqual(['a', 'b', 'seven']);
  });

  test('leaves out what is beside it: pictures are counted, tables mentioned', async () => {
    const files = pair('train', 80).map(([name, bytes]) => file(name, bytes));
    const { report } = await loaded([
      ...files,
      file('list.csv', 'a,b\n1,2\n3,4\n'),
      file('look.png', picture(1)),
    ]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1, train: 64 });
    expect(report.skipped[0]).toMatchObject({
      where: 'look.png',
      why: 'is a picture; the set was read from IDX files',
    });
    expect(report.warnings.join()).toContain('list.csv');
  });

  test('reads the files out of a zip', async () => {
    const entries = Object.fromEntries(
      [...pair('train', 80), ...pair('t10k', 40)].map(([n, b]) => [`raw/${n}.gz`, gzip(b)]),
    );
    const { report } = await loaded([file('mnist.zip', zip(entries))]);
    expect(report).toMatchObject({ outcome: 'loaded', format: 'IDX in a zip', train: 80, test: 40 });
  });

  test('refuses sizes of 2^32-1 without allocating them', async () => {
    const report = await refused([
      file('huge', idx([0xffffffff, 0xffffffff, 0xffffffff], new Uint8Array(100))),
    ]);
    expect(report.message).toContain('sizes do not match its length');
    expect(report.format).toBe('IDX');
  });

  test('says what is missing', async () => {
    const [images, labelFile] = pair('train', 80);
    expect((await refused([file(...images!)])).message).toContain('without labels');
    expect((await refused([file(...labelFile!)])).message).toContain('without images');
    const other = idx([79], Uint8Array.from(labels(79, 4)));
    const report = await refused([file(...images!), file('labels', other)]);
    expect(report.message).toContain('do not belong together');
    expect(report.message).toContain('79');
  });

  test('names the gzip file that is cut off or damaged', async () => {
    const packed = gzip(pair('train', 80)[0]![1]);
    const cut = await refused([file('train.gz', packed.subarray(0, packed.length - 20))]);
    expect(cut.message).toMatch(/train\.gz.*cut off/);
    const flipped = packed.slice();
    flipped[flipped.length - 6]! ^= 1;
    expect((await refused([file('train.gz', flipped)])).message).toMatch(/train\.gz.*damaged/);
  });
});
