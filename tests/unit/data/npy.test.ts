import { describe, expect, test } from 'vitest';
import { file, int64, labels, loaded, npy, pixel, pixels, refused, text, zip, type Bytes } from './builders';

const image = 8 * 8;
const grey = (count: number) => npy('|u1', [count, 8, 8], pixels(count, image));
const numbers = (count: number, classes = 4) => npy('<i8', [count], int64(labels(count, classes)));

function view(bytes: number, write: (view: DataView) => void): Bytes {
  const data = new DataView(new ArrayBuffer(bytes));
  write(data);
  return new Uint8Array(data.buffer);
}

describe('NPY and NPZ', () => {
  test.each([
    ['Keras', ['x_train', 'y_train', 'x_test', 'y_test']],
    ['MedMNIST', ['train_images', 'train_labels', 'test_images', 'test_labels']],
  ])('reads an NPZ with the names of %s', async (_, [trainImages, trainLabels, testImages, testLabels]) => {
    const archive = zip({
      [`${trainImages}.npy`]: grey(80),
      [`${trainLabels}.npy`]: npy('|u1', [80, 1], Uint8Array.from(labels(80, 4))),
      [`${testImages}.npy`]: grey(40),
      [`${testLabels}.npy`]: npy('|u1', [40, 1], Uint8Array.from(labels(40, 4))),
    });
    const { report } = await loaded([file('set.npz', archive)]);
    expect(report).toMatchObject({ outcome: 'loaded', format: 'NPZ', train: 80, test: 40, shape: [8, 8, 1] });
  });

  test.each([
    [['images', 'labels']],
    [['X', 'y']],
    [['data', 'target']],
    [['arr_0', 'arr_1']],
    [['foo', 'bar']],
  ])('pairs %s by size', async ([images, target]) => {
    const archive = zip({ [`${target}.npy`]: numbers(80), [`${images}.npy`]: grey(80) });
    const { report } = await loaded([file('set.npz', archive)]);
    expect(report).toMatchObject({ outcome: 'loaded', train: 64, test: 16 });
  });

  test.each([
    ['trainX', 'trainy', 'testX', 'testy'],
    ['Xtrain', 'ytrain', 'Xtest', 'ytest'],
    ['trainImages', 'trainLabels', 'testImages', 'testLabels'],
    ['XTrain', 'YTrain', 'XTest', 'YTest'],
  ])('tells splits of equal size apart by names without gaps: %s, %s', async (...names) => {
    const [trainImages, trainLabels, testImages, testLabels] = names;
    const archive = zip({
      [`${trainImages}.npy`]: grey(40),
      [`${trainLabels}.npy`]: npy('|u1', [40], Uint8Array.from(labels(40, 4))),
      [`${testImages}.npy`]: npy('|u1', [40, 8, 8], new Uint8Array(40 * image).fill(7)),
      [`${testLabels}.npy`]: npy('|u1', [40], Uint8Array.from(labels(40, 4)).reverse()),
    });
    const { report, dataset } = await loaded([file('set.npz', archive)]);
    expect(report).toMatchObject({ outcome: 'loaded', train: 40, test: 40 });
    expect(new Set(dataset.test.images)).toEqual(new Set([7]));
    expect([...dataset.train.labels.subarray(0, 4)]).toEqual([0, 1, 2, 3]);
    expect([...dataset.test.labels.subarray(0, 4)]).toEqual([3, 2, 1, 0]);
  });

  test('adds validation images to the training images and says so', async () => {
    const entries: Record<string, Bytes> = {};
    for (const [part, count] of [
      ['train', 80],
      ['val', 20],
      ['test', 40],
    ] as const) {
      entries[`${part}_images.npy`] = npy('|u1', [count, 8, 8], pixels(count + 1, image).slice(image));
      entries[`${part}_labels.npy`] = numbers(count);
    }
    const { report } = await loaded([file('set.npz', zip(entries))]);
    expect([report.train, report.test]).toEqual([100, 40]);
    expect(report.warnings.join()).toContain('validation');
  });

  test('reads a pair and a quadruple of files', async () => {
    const pair = await loaded([file('y.npy', numbers(80)), file('X.npy', grey(80))]);
    expect(pair.report.format).toBe('NPY pair');
    const four = await loaded([
      file('y_test.npy', numbers(40)),
      file('x_test.npy', grey(40)),
      file('y_train.npy', numbers(80)),
      file('x_train.npy', grey(80)),
    ]);
    expect(four.report).toMatchObject({ format: 'NPY quadruple', train: 80, test: 40 });
  });

  const types: [string, number, (view: DataView, at: number, value: number) => void][] = [
    ['|b1', 1, (v, at, value) => v.setUint8(at, value > 127 ? 1 : 0)],
    ['|i1', 1, (v, at, value) => v.setInt8(at, value >> 1)],
    ['<u2', 2, (v, at, value) => v.setUint16(at, value, true)],
    ['>u2', 2, (v, at, value) => v.setUint16(at, value)],
    ['>i2', 2, (v, at, value) => v.setInt16(at, value)],
    ['<i4', 4, (v, at, value) => v.setInt32(at, value, true)],
    ['=i4', 4, (v, at, value) => v.setInt32(at, value, true)],
    ['>u4', 4, (v, at, value) => v.setUint32(at, value)],
    ['<i8', 8, (v, at, value) => v.setBigInt64(at, BigInt(value), true)],
    ['>u8', 8, (v, at, value) => v.setBigUint64(at, BigInt(value))],
    ['<f4', 4, (v, at, value) => v.setFloat32(at, value / 255, true)],
    ['>f4', 4, (v, at, value) => v.setFloat32(at, value)],
    ['<f8', 8, (v, at, value) => v.setFloat64(at, value, true)],
    ['>f8', 8, (v, at, value) => v.setFloat64(at, (value / 255) * 2 - 1)],
  ];
  test.each(types)('reads pixels of the type %s', async (descr, bytes, set) => {
    const raw = pixels(40, image);
    const data = view(raw.length * bytes, (v) => raw.forEach((value, i) => set(v, i * bytes, value)));
    const { dataset } = await loaded([
      file('x.npy', npy(descr, [40, 8, 8], data)),
      file('x_test.npy', npy(descr, [40, 8, 8], data)),
      file('y.npy', numbers(40)),
      file('y_test.npy', numbers(40)),
    ]);
    const expected = [...raw].map((value) =>
      descr === '|b1' ? (value > 127 ? 255 : 0) : descr === '|i1' ? value >> 1 : value,
    );
    expect([...dataset.train.images]).toEqual(expected);
  });

  test('reads half precision', async () => {
    // 1.0, 0.5, 0 and the smallest subnormal, which is black.
    const halves = [0x3c00, 0x3800, 0x0000, 0x0001];
    const data = view(40 * image * 2, (v) => {
      for (let i = 0; i < 40 * image; i++) v.setUint16(i * 2, halves[(i + Math.floor(i / image)) % 4]!, true);
    });
    const { dataset } = await loaded([
      file('x.npy', npy('<f2', [40, 8, 8], data)),
      file('y.npy', numbers(40)),
    ]);
    expect([...new Set(dataset.train.images)].sort((a, b) => a - b)).toEqual([0, 128, 255]);
  });

  test.each([1, 2, 3] as const)('reads headers of version %i', async (version) => {
    const images = npy('|u1', [40, 8, 8], pixels(40, image), { version });
    const { report } = await loaded([file('x.npy', images), file('y.npy', numbers(40))]);
    expect(report).toMatchObject({ outcome: 'loaded', train: 32, test: 8 });
  });

  test('reads Fortran order as the transpose it is', async () => {
    const plain = pixels(40, image);
    const turned = new Uint8Array(plain.length);
    for (let n = 0; n < 40; n++)
      for (let y = 0; y < 8; y++)
        for (let x = 0; x < 8; x++) turned[n + 40 * (y + 8 * x)] = plain[n * image + y * 8 + x]!;
    const files = (x: Bytes) => [
      file('x_train.npy', x),
      file('y_train.npy', numbers(40)),
      file('x_test.npy', x),
      file('y_test.npy', numbers(40)),
    ];
    const { dataset } = await loaded(files(npy('|u1', [40, 8, 8], turned, { fortran: true })));
    expect(dataset.train.images).toEqual(plain);
  });

  test('finds the channels first, last, and of flat rows plane by plane', async () => {
    const planes = pixels(40, 3 * image);
    const expected = new Uint8Array(planes.length);
    for (let n = 0; n < 40; n++)
      for (let i = 0; i < image; i++)
        for (let c = 0; c < 3; c++) expected[(n * image + i) * 3 + c] = planes[(n * 3 + c) * image + i]!;
    const read = async (shape: number[], data: Bytes) => {
      const { dataset } = await loaded([
        file('x_train.npy', npy('|u1', shape, data)),
        file('y_train.npy', numbers(40)),
        file('x_test.npy', npy('|u1', shape, data)),
        file('y_test.npy', numbers(40)),
      ]);
      expect([dataset.height, dataset.width, dataset.channels]).toEqual([8, 8, 3]);
      return dataset.train.images;
    };
    expect(await read([40, 3, 8, 8], planes)).toEqual(expected);
    expect(await read([40, 8, 8, 3], expected)).toEqual(expected);
    expect(await read([40, 3 * image], planes)).toEqual(expected);
    const flat = npy('|u1', [40, 3 * image], planes);
    const { report } = await loaded([file('x.npy', flat), file('y.npy', numbers(40))]);
    expect(report.warnings.join()).toContain('all red, then all green, then all blue');
  });

  test('reads texts and one-hot rows as labels', async () => {
    const animals = ['ant', 'bee', 'çat'];
    const units = view(60 * 3 * 4, (v) => {
      for (let n = 0; n < 60; n++)
        [...animals[n % 3]!].forEach((letter, i) =>
          v.setUint32((n * 3 + i) * 4, letter.codePointAt(0)!, true),
        );
    });
    const texts = await loaded([file('x.npy', grey(60)), file('y.npy', npy('<U3', [60], units))]);
    expect(texts.dataset.classes).toEqual(animals);
    const bytes = await loaded([
      file('x.npy', grey(60)),
      file('y.npy', npy('|S2', [60], text('abcd'.repeat(30)))),
    ]);
    expect(bytes.dataset.classes).toEqual(['ab', 'cd']);
    const hot = Uint8Array.from({ length: 60 * 3 }, (_, i) => (Math.floor(i / 3) % 3 === i % 3 ? 1 : 0));
    const oneHot = await loaded([file('x.npy', grey(60)), file('y.npy', npy('|b1', [60, 3], hot))]);
    expect(oneHot.dataset.classes).toEqual(['0', '1', '2']);
    expect(oneHot.report.trainCounts).toEqual([16, 16, 16]);
    const flat = await loaded([
      file('arr_0.npy', npy('|u1', [60, image], pixels(60, image))),
      file('arr_1.npy', npy('|u1', [60, 3], hot)),
    ]);
    expect(flat.report.shape).toEqual([8, 8, 1]);
  });

  test('leaves out images with NaN and counts them', async () => {
    const data = view(40 * image * 4, (v) => {
      for (let i = 0; i < 40 * image; i++) v.setFloat32(i * 4, (i % 97) / 96, true);
      v.setFloat32((3 * image + 5) * 4, NaN, true);
      v.setFloat32((9 * image + 5) * 4, Infinity, true);
    });
    const { report } = await loaded([
      file('x.npy', npy('<f4', [40, 8, 8], data)),
      file('y.npy', numbers(40)),
    ]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 2, train: 30, test: 8 });
    expect(report.skipped[0]).toMatchObject({ where: 'x.npy, image 4' });
  });

  test('makes large arrays smaller by averaging and says so', async () => {
    const blocks = Uint8Array.from({ length: 20 * 128 * 96 }, (_, i) => {
      const x = i % 96;
      return Math.floor(x / 2) % 2 === 0 ? 10 : 30;
    });
    blocks[0] = 200;
    const { report, dataset } = await loaded([
      file('x.npy', npy('|u1', [20, 128, 96], blocks)),
      file('y.npy', numbers(20, 2)),
    ]);
    expect(report.shape).toEqual([64, 48, 1]);
    expect(report.warnings.join()).toContain('from 128×96 to 64×48');
    expect([...dataset.train.images.subarray(dataset.train.images.length - 4)]).toEqual([10, 30, 10, 30]);
  });

  test.each([
    [
      'code in the header',
      npy('', [], new Uint8Array(100), {
        header: "{'descr': __import__('os').system('x'), 'fortran_order': False, 'shape': (5,), }",
      }),
      'header is damaged',
    ],
    [
      'code behind the keys',
      npy('', [], new Uint8Array(100), {
        header: "{'descr': '|u1', 'fortran_order': False, 'shape': (5,), 'x': exit()}",
      }),
      'header is damaged',
    ],
    ['Python objects', npy('|O', [5], new Uint8Array(100)), 'pickle'],
    ['complex numbers', npy('<c8', [5, 8, 8], new Uint8Array(5 * 64 * 8)), 'complex'],
    [
      'a structured type',
      npy('', [], new Uint8Array(100), {
        header: "{'descr': [('a', '<i4'), ('b', '<f4')], 'fortran_order': False, 'shape': (5,), }",
      }),
      'structured',
    ],
    ['dates', npy('<M8', [5], new Uint8Array(100)), 'M8'],
    ['a cut file', grey(40).subarray(0, 1000), 'cut off'],
    ['a claim of 2^53 values', npy('<U0', [9007199254740991], new Uint8Array(0)), 'cut off'],
  ])('refuses %s', async (_, bytes, cause) => {
    const report = await refused([file('x.npy', bytes), file('y.npy', numbers(40))]);
    expect(report.message).toContain(cause);
    expect(report.message).toContain('x.npy');
  });

  test('loads an NPZ without the array it cannot read', async () => {
    const archive = zip({
      'x.npy': grey(80),
      'y.npy': numbers(80),
      'meta.npy': npy('|O', [1], new Uint8Array(9)),
    });
    const { report } = await loaded([file('set.npz', archive)]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1 });
    expect(report.skipped[0]!.where).toContain('meta.npy');
  });

  test('says so when numbers of images and labels differ', async () => {
    const report = await refused([file('x.npy', grey(80)), file('y.npy', numbers(79))]);
    expect(report.message).toContain('do not belong together');
  });

  test('refuses rows that are no square and labels that are no whole numbers', async () => {
    const odd = npy('|u1', [40, 50], pixels(40, 50));
    expect((await refused([file('x.npy', odd), file('y.npy', numbers(40))])).message).toContain('50 numbers');
    const halves = view(40 * 4, (v) =>
      labels(40, 4).forEach((label, i) => v.setFloat32(i * 4, label / 2, true)),
    );
    const report = await refused([file('x.npy', grey(40)), file('y.npy', npy('<f4', [40], halves))]);
    expect(report.message).toContain('not whole numbers');
  });
});

test('arrays of equal number are paired by their names, and refused where those contradict', async () => {
  const images = (seed: number) => npy('|u1', [20, 8, 8], pixels(20 + seed, 64).subarray(seed * 64));
  const evenFirst = npy('|u1', [20], Uint8Array.from(labels(20, 2)));
  const oddFirst = npy(
    '|u1',
    [20],
    Uint8Array.from(labels(20, 2), (label) => 1 - label),
  );
  const { report, dataset } = await loaded([
    file('x_zebra.npy', images(1)),
    file('x_apple.npy', images(2)),
    file('targets/apple.npy', evenFirst),
    file('labels/zebra.npy', oddFirst),
  ]);
  expect(report.warnings.join()).not.toContain('order of their names');
  // Image 2 + n is row n of "apple", whose labels are 0, 1, 0, ...; image 1 of the other array has label 1.
  const labelOf = (n: number) => {
    for (const split of [dataset.train, dataset.test])
      for (let i = 0; i < split.count; i++)
        if (split.images[i * 64] === pixel(n, 0) && split.images[i * 64 + 1] === pixel(n, 1))
          return split.labels[i];
    return null;
  };
  expect([labelOf(1), labelOf(21)]).toEqual([1, 1]);
  const { message } = await refused([
    file('images_a.npy', images(1)),
    file('images_b.npy', images(2)),
    file('labels_b.npy', evenFirst),
    file('labels_c.npy', oddFirst),
  ]);
  expect(message).toContain('images_a.npy has no labels that are called like it');
});
