import { zlibSync } from 'fflate';
import { expect, test } from 'vitest';
import { crc32c } from '../../../src/data/containers/crc32';
import { file, joined, loaded, loadedSet, npy, picture, pixel, pixels, refused, text, zip } from './builders';

/** A PGM or PPM of 8x8 pixels. */
function netpbm(kind: 'P2' | 'P3' | 'P5' | 'P6', seed: number, white = 255): Uint8Array {
  const channels = kind === 'P2' || kind === 'P5' ? 1 : 3;
  const numbers = Array.from({ length: 64 * channels }, (_, i) => pixel(seed, i) % (white + 1));
  const header = text(`${kind}\n# made by hand\n8 8\n${white}\n`);
  if (kind === 'P2' || kind === 'P3') return joined(header, text(numbers.join(' ')));
  const wide = white > 255 ? numbers.flatMap((number) => [number >> 8, number & 255]) : numbers;
  return joined(header, Uint8Array.from(wide));
}

function twoClasses(make: (seed: number) => Uint8Array, ending: string): Record<string, Uint8Array> {
  const all: Record<string, Uint8Array> = {};
  for (let n = 0; n < 10; n++) all[`${n < 5 ? 'cat' : 'dog'}/${n}.${ending}`] = make(n);
  return all;
}

test.each(['P2', 'P3', 'P5', 'P6'] as const)('reads pictures of the kind %s', async (kind) => {
  const entries = twoClasses((seed) => netpbm(kind, seed), kind === 'P2' || kind === 'P5' ? 'pgm' : 'ppm');
  const { report, dataset } = await loaded([file('set.zip', zip(entries))], { choices: { testShare: 20 } });
  const channels = kind === 'P2' || kind === 'P5' ? 1 : 3;
  expect(report).toMatchObject({ outcome: 'loaded', shape: [8, 8, channels], classes: ['cat', 'dog'] });
  expect([...dataset.train.images.subarray(0, 5)]).toEqual([0, 1, 2, 3, 4].map((i) => pixel(0, i)));
});

test('scales Netpbm pictures of 16 bits, and leaves out those that are cut off or damaged', async () => {
  const entries = {
    ...twoClasses((seed) => netpbm('P5', seed, 65_535), 'pgm'),
    'cat/cut.pgm': netpbm('P5', 20).subarray(0, 40),
    'cat/huge.pgm': text('P5 9999999 9999999 255\nabc'),
    'cat/wide.pgm': text('P2 4000 4000 255\n1 2 3'),
    'cat/words.pgm': joined(text('P2 2 2 255\n1 2 a'), text(' 4 5 6')),
  };
  const { report, dataset } = await loaded([file('set.zip', zip(entries))]);
  expect(report.trainCounts).toEqual([4, 4]);
  expect(dataset.train.images[3]).toBe(Math.round(pixel(0, 3) / 257));
  const whys = report.skipped.map(({ where, why }) => `${where} ${why}`).join('\n');
  expect(whys).toMatch(/cut\.pgm is cut off: its header states 64 numbers/);
  expect(whys).toMatch(/huge\.pgm has 9,999,999×9,999,999 pixels/);
  expect(whys).toMatch(/wide\.pgm is cut off/);
  expect(whys).toMatch(/words\.pgm is damaged: other things than numbers/);
});

test('reads the arrays of an NPZ inside a zip, and nothing else that lies there', async () => {
  const images = zip({ 'arr_0.npy': npy('|u1', [20, 8, 8], pixels(20, 64)), 'inner.npz': zip({}) });
  const numbers = Uint8Array.from({ length: 20 }, (_, n) => n % 2);
  const outer = zip({
    'set/train-imgs.npz': images,
    'set/train-labels.npz': zip({ 'arr_0.npy': npy('|u1', [20], numbers) }),
  });
  const { report } = await loaded([file('set.zip', outer)]);
  expect(report).toMatchObject({ outcome: 'partial', train: 16, test: 4, shape: [8, 8, 1] });
  expect(report.skipped[0]!.why).toMatch(/no NumPy array/);
});

test('takes arrays without labels for one class each, named by what tells them apart', async () => {
  const entries = Object.fromEntries(
    ['apple', 'aircraft carrier', 'cat'].map((name, n) => [
      `full_numpy_bitmap_${name}.npy`,
      npy('|u1', [10 + n, 64], pixels(10 + n, 64)),
    ]),
  );
  const { report } = await loaded([file('draw.zip', zip(entries))]);
  expect(report).toMatchObject({ classes: ['aircraft carrier', 'apple', 'cat'], train: 27, test: 6 });
  const few = await loaded([file('draw.zip', zip(entries))], { limits: { images: 12 } });
  expect(few.report.train + few.report.test).toBe(12);
  expect(few.report.warnings.join()).toContain('the first 4 of each file were read');
  const masks = {
    'images.npy': entries['full_numpy_bitmap_cat.npy']!,
    'masks.npy': npy('|u1', [12, 64], pixels(12, 64)),
  };
  expect((await refused([file('seg.zip', zip(masks))])).message).toContain('images without labels');
});

test('places of points beside pixels in one cell are learned together; a row without one is left out', async () => {
  const row = (n: number) => [...pixels(1, 64)].map((_, i) => pixel(n, i)).join(' ');
  const lines = Array.from({ length: 41 }, (_, n) => `${n / 3},${n === 4 ? '' : n / 7},${row(n)}`);
  const files = [file('training.csv', ['nose_x,nose_y,Image', ...lines].join('\n'))];
  const { report } = await loadedSet(files);
  expect(report.train + report.test).toBe(40);
  expect(report.target).toMatchObject({ kind: 'number', names: ['nose_x', 'nose_y'] });
  expect(report.skipped).toMatchObject([{ why: 'has no number in “nose_y”' }]);
  const one = await loadedSet(files, { choices: { alsoTargets: '' } });
  expect(one.report.target).toMatchObject({ kind: 'number', names: ['nose_x'] });
});

test('reads tables with all pixels in one cell, with their split', async () => {
  const usage = ['Training', 'Training', 'Training', 'PublicTest', 'PrivateTest'];
  const rows = Array.from(
    { length: 40 },
    (_, n) => `${n % 2},${[...pixels(1, 64)].map((_, i) => pixel(n, i)).join(' ')},${usage[n % 5]}`,
  );
  const { report } = await loaded([file('fer2013.csv', ['emotion,pixels,Usage', ...rows].join('\n'))]);
  expect(report).toMatchObject({
    outcome: 'loaded',
    train: 32,
    test: 8,
    shape: [8, 8, 1],
    classes: ['0', '1'],
  });
  const cut = await refused([
    file(
      'f.csv',
      ['emotion,pixels', ...rows.map((row, n) => (n % 3 ? row.split(',').slice(0, 2).join() : '1,2 3'))].join(
        '\n',
      ),
    ),
  ]);
  expect(cut.message).toContain('bad rows');
});

/** Three planes of an STL-10 picture, columns first. */
const stlPictures = (count: number) => pixels(count, 3 * 96 * 96);
const stlLabels = (count: number) => Uint8Array.from({ length: count }, (_, n) => (n % 2) + 1);

test('reads STL-10, columns first, with its labels from 1 on', async () => {
  const set = {
    'stl10_binary/train_X.bin': stlPictures(4),
    'stl10_binary/train_y.bin': stlLabels(4),
    'stl10_binary/test_X.bin': stlPictures(2),
    'stl10_binary/test_y.bin': stlLabels(2),
    'stl10_binary/class_names.txt': text('airplane\nbird\n'),
  };
  const { report, dataset } = await loaded([file('stl.zip', zip(set))], {
    choices: { imageHeight: 96, imageWidth: 96 },
  });
  expect(report).toMatchObject({
    train: 4,
    test: 2,
    classes: ['airplane', 'bird'],
    format: 'STL-10 binary in a zip',
  });
  if (report.shape?.[0] === 96) expect(dataset.train.images[3]).toBe(pixel(0, 96));
  const short = await refused([file('a_X.bin', stlPictures(3)), file('a_y.bin', stlLabels(2))]);
  expect(short.message).toContain('a_X.bin holds 3 images and a_y.bin 2 labels');
  const alone = await refused([file('a_X.bin', stlPictures(3))]);
  expect(alone.message).toContain('a_y.bin is not beside it');
});

/** Which stored numbers of one of twenty images lie at these places of the first image. */
function firstPixels(images: Uint8Array, places: number[]): number[] | null {
  for (let n = 0; n < 20; n++) {
    const own = Array.from({ length: 192 }, (_, i) => pixel(n, i));
    const at = places.map((place) => own.indexOf(images[place]!));
    if (at[0] === 0 && at.every((index) => index >= 0)) return at;
  }
  return null;
}

/** A data element of a MATLAB file. */
function element(type: number, content: Uint8Array): Uint8Array {
  const tag = new Uint8Array(8);
  new DataView(tag.buffer).setUint32(0, type, true);
  new DataView(tag.buffer).setUint32(4, content.length, true);
  return joined(tag, content, new Uint8Array((8 - (content.length % 8)) % 8));
}

function matrix(name: string, shape: number[], data: Uint8Array, kind = 9): Uint8Array {
  return element(
    14,
    joined(
      element(6, new Uint8Array(Uint32Array.of(kind, 0).buffer)),
      element(5, new Uint8Array(Int32Array.from(shape).buffer)),
      element(1, text(name)),
      element(2, data),
    ),
  );
}

function mat(...elements: Uint8Array[]): Uint8Array {
  const header = new Uint8Array(128);
  header.set(text('MATLAB 5.0 MAT-file, made by a test'));
  header.set([0, 1, 0x49, 0x4d], 124);
  return joined(header, ...elements);
}

function packed(content: Uint8Array): Uint8Array {
  const bytes = zlibSync(content);
  return element(15, bytes).subarray(0, 8 + bytes.length);
}

test('reads the arrays of a MATLAB file, packed or not, whose last axis counts the images', async () => {
  const labels = Uint8Array.from({ length: 20 }, (_, n) => (n % 2) + 1);
  const images = matrix('X', [8, 8, 3, 20], pixels(20, 192));
  const lists = matrix('y', [20, 1], labels);
  for (const content of [
    mat(images, lists, matrix('note', [1, 2], text('ab'), 4)),
    mat(packed(images), packed(lists)),
  ]) {
    const { report, dataset } = await loaded([file('train_32x32.mat', content)]);
    expect(report).toMatchObject({
      train: 16,
      test: 4,
      shape: [8, 8, 3],
      classes: ['1', '2'],
      format: 'MATLAB',
    });
    expect(firstPixels(dataset.train.images, [0, 3, 1])).toEqual([0, 8, 64]);
    expect(report.warnings.join()).toContain('label 10 stands for the digit 0');
  }
  const flat = mat(matrix('data', [64, 20], pixels(20, 64)), matrix('label', [1, 20], labels));
  const { dataset } = await loaded([file('mnist.mat', flat)]);
  expect(firstPixels(dataset.train.images, [0, 1, 8])).toEqual([0, 1, 8]);
});

/** A structure of one entry, or of as many as each field has values. */
function structure(name: string, fields: Record<string, Uint8Array[]>): Uint8Array {
  const names = Object.keys(fields);
  const [first] = Object.values(fields);
  return element(
    14,
    joined(
      element(6, new Uint8Array(Uint32Array.of(2, 0).buffer)),
      element(5, new Uint8Array(Int32Array.of(1, first!.length).buffer)),
      element(1, text(name)),
      element(5, new Uint8Array(Int32Array.of(32).buffer)),
      element(1, text(names.map((field) => field.padEnd(32, '\0')).join(''))),
      ...first!.flatMap((_, i) => names.map((field) => fields[field]![i]!)),
    ),
  );
}

test('reads arrays in structures of a MATLAB file, by the names of their fields', async () => {
  const split = (count: number) =>
    structure('', {
      images: [matrix('', [count, 64], pixels(count, 64))],
      labels: [
        matrix(
          '',
          [count, 1],
          Uint8Array.from({ length: count }, (_, n) => n % 2),
        ),
      ],
    });
  const set = structure('dataset', { train: [split(20)], test: [split(10)] });
  const { report } = await loaded([file('set.mat', mat(set))], { choices: { rowLayout: '8x8 grey' } });
  expect(report).toMatchObject({ outcome: 'loaded', train: 20, test: 10, shape: [8, 8, 1] });
});

test('takes labels, splits and names of pictures from MATLAB files beside them', async () => {
  const shown = Object.fromEntries(
    Array.from({ length: 24 }, (_, n) => [`jpg/image_${String(n).padStart(2, '0')}.png`, picture(n)]),
  );
  const list = (name: string, values: readonly number[]) =>
    matrix(name, [1, values.length], Uint8Array.from(values));
  const at = (rest: number) =>
    Array.from({ length: 24 }, (_, n) => n + 1).filter((n) => (n >> 1) % 2 === rest);
  const flowers = {
    ...shown,
    'imagelabels.mat': mat(
      list(
        'labels',
        at(0)
          .concat(at(1))
          .map((_, n) => (n % 3) + 1),
      ),
    ),
    'setid.mat': mat(list('trnid', at(0)), list('tstid', at(1))),
  };
  const { report } = await loaded([file('flowers.zip', zip(flowers))]);
  expect(report).toMatchObject({ outcome: 'loaded', train: 12, test: 12, classes: ['1', '2', '3'] });
  expect(report.trainCounts).toEqual([4, 4, 4]);
  const names = Object.keys(shown).map((path) => matrix('', [1, 12], text(path.slice(4)), 4));
  const classes = names.map((_, n) => matrix('', [1, 1], Uint8Array.of((n % 2) + 1)));
  const cars = { ...shown, 'annos.mat': mat(structure('annotations', { class: classes, fname: names })) };
  const read = await loaded([file('cars.zip', zip(cars))]);
  expect(read.report).toMatchObject({ outcome: 'loaded', classes: ['1', '2'] });
});

test('refuses MATLAB files that are cut off or state other sizes than they have', async () => {
  const images = matrix('X', [8, 8, 3, 20], pixels(20, 192));
  const cut = await refused([file('a.mat', mat(images).subarray(0, 2000))]);
  expect(cut.message).toMatch(/^a\.mat is a MATLAB file that ends too early/);
  const huge = await refused([file('a.mat', mat(matrix('X', [60000, 60000, 3, 2000], pixels(20, 192))))]);
  expect(huge.message).toContain('“X” states 21,600,000,000,000 numbers and holds 3,840');
  const damaged = await refused([file('a.mat', mat(packed(images).fill(7, 60, 200)))]);
  expect(damaged.message).toContain('damaged or cut variable');
  const bomb = mat(packed(matrix('X', [2000, 2000], new Uint8Array(4_000_000))));
  const big = await refused([file('a.mat', bomb)], { limits: { unpackedBytes: 1_000_000 } });
  expect(big.message).toContain('the limit');
});

/** A field of a protocol buffer with a length. */
function field(number: number, content: Uint8Array): Uint8Array {
  return joined(Uint8Array.from([number * 8 + 2, ...varint(content.length)]), content);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function example(features: Record<string, Uint8Array | number[]>): Uint8Array {
  const entries = Object.entries(features).map(([name, value]) => {
    const list =
      value instanceof Uint8Array
        ? field(1, field(1, value))
        : field(3, field(1, Uint8Array.from(value.flatMap(varint))));
    return field(1, joined(field(1, text(name)), field(2, list)));
  });
  return field(1, joined(...entries));
}

function tfrecord(...records: Uint8Array[]): Uint8Array {
  const masked = (bytes: Uint8Array) => {
    const crc = crc32c(bytes);
    return new Uint8Array(Uint32Array.of((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0).buffer);
  };
  return joined(
    ...records.flatMap((record) => {
      const length = new Uint8Array(BigUint64Array.of(BigInt(record.length)).buffer);
      return [length, masked(length), record, masked(record)];
    }),
  );
}

test('reads TFRecords of encoded pictures and of pixels, with the names beside them', async () => {
  expect(crc32c(text('123456789'))).toBe(0xe3069283);
  const encoded = Array.from({ length: 20 }, (_, n) =>
    example({ image: picture(n), label: [n % 2], id: text(`n${n}`) }),
  );
  const files = [
    file('pets-train.tfrecord-00000-of-00001', tfrecord(...encoded)),
    file('pets-test.tfrecord-00000-of-00001', tfrecord(...encoded.slice(0, 6))),
    file('label.labels.txt', 'cat\ndog\n'),
  ];
  const { report } = await loaded(files);
  expect(report).toMatchObject({
    format: 'TFRecord',
    train: 20,
    test: 6,
    shape: [8, 8, 3],
    classes: ['cat', 'dog'],
  });
  const pixelRows = Array.from({ length: 20 }, (_, n) =>
    example({
      image_raw: pixels(1, 192).map((_, i) => pixel(n, i)),
      height: [8],
      width: [8],
      depth: [3],
      label: [n % 2],
    }),
  );
  const raw = await loaded([file('a.tfrecord', tfrecord(...pixelRows))]);
  expect(raw.report).toMatchObject({ train: 16, test: 4, shape: [8, 8, 3] });
  expect(firstPixels(raw.dataset.train.images, [0, 1, 2])).toEqual([0, 1, 2]);
});

test('keeps the records before a damaged or cut one, and names what is no example', async () => {
  const records = Array.from({ length: 20 }, (_, n) => example({ image: picture(n), label: [n % 2] }));
  const whole = tfrecord(...records);
  const { report } = await loaded([file('a.tfrecord', whole.subarray(0, whole.length - 5))]);
  expect(report.train + report.test).toBe(19);
  expect(report.skipped[0]!.why).toContain('is cut off at record 20');
  const spoilt = whole.slice();
  spoilt[40] = spoilt[40]! ^ 1;
  expect((await refused([file('a.tfrecord', spoilt)])).message).toBe(
    'a.tfrecord is damaged at record 1: its checksum is wrong.',
  );
  const other = await refused([file('a.tfrecord', tfrecord(Uint8Array.of(0xff, 0xff)))]);
  expect(other.message).toContain('no tf.train.Example');
  const named = await refused([
    file(
      'x.tfrecord-00000-of-00001',
      Uint8Array.from({ length: 90 }, (_, i) => i * 7),
    ),
  ]);
  expect(named.message).toContain('named like a TFRecord file');
});
