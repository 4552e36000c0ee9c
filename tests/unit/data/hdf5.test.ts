import * as h5wasm from 'h5wasm';
import { expect, test } from 'vitest';
import { file, gzip, joined, loaded, pixels, refused, text, zip, type Bytes } from './builders';

type Made = Record<
  string,
  {
    data: Parameters<h5wasm.Group['create_dataset']>[0]['data'];
    shape?: number[];
    chunks?: number[];
    dtype?: string;
  }
>;

/** An HDF5 file of arrays; a path makes groups. */
async function hdf5(arrays: Made): Promise<Bytes> {
  const { FS } = await h5wasm.ready;
  const made = new h5wasm.File('/made.h5', 'w');
  for (const [path, { chunks, ...rest }] of Object.entries(arrays)) {
    const folders = path.split('/').slice(0, -1);
    let group: h5wasm.Group = made;
    for (const folder of folders)
      group = group.keys().includes(folder)
        ? (group.get(folder) as h5wasm.Group)
        : group.create_group(folder);
    group.create_dataset({
      name: path.split('/').at(-1)!,
      ...rest,
      ...(chunks && { chunks, compression: 4 }),
    });
  }
  made.close();
  const bytes = FS.readFile('/made.h5').slice() as Bytes;
  FS.unlink('/made.h5');
  return bytes;
}

const images = (count: number) => ({ data: pixels(count, 192), shape: [count, 8, 8, 3] });
const numbers = (count: number) => ({
  data: BigInt64Array.from({ length: count }, (_, n) => BigInt(n % 2)),
  shape: [count, 1],
});

test('reads arrays in chunks, their labels, names and splits', async () => {
  const made = await hdf5({
    train_set_x: { ...images(20), chunks: [7, 8, 8, 3] },
    train_set_y: numbers(20),
    test_set_x: images(6),
    test_set_y: numbers(6),
    list_classes: { data: ['cat', 'dog'], dtype: 'S3' },
  });
  const { report, dataset } = await loaded([file('cats.h5', made)]);
  expect(report).toMatchObject({
    outcome: 'loaded',
    format: 'HDF5',
    train: 20,
    test: 6,
    classes: ['cat', 'dog'],
  });
  expect([...dataset.train.images.subarray(0, 3840)]).toEqual([...pixels(20, 192)]);
  const { report: packed } = await loaded([file('cats.h5.gz', gzip(made))]);
  expect(packed.train).toBe(20);
});

test('reads images and labels of files beside each other, with axes of one element', async () => {
  const x = await hdf5({
    x: { data: Float32Array.from(pixels(20, 64), (value) => value / 255), shape: [20, 8, 8, 1] },
  });
  const y = await hdf5({
    y: { data: Uint8Array.from({ length: 20 }, (_, n) => n % 2), shape: [20, 1, 1, 1] },
  });
  const { report } = await loaded([file('cam.zip', zip({ 'cam_train_x.h5': x, 'cam_train_y.h5': y }))]);
  expect(report).toMatchObject({ outcome: 'loaded', train: 16, test: 4, shape: [8, 8, 1] });
});

test('reads files of MATLAB 7.3, whose axes come in the other order', async () => {
  const made = await hdf5({
    X: { data: pixels(20, 192), shape: [20, 3, 8, 8] },
    y: { data: Float64Array.from({ length: 20 }, (_, n) => n % 2), shape: [1, 20] },
  });
  const header = new Uint8Array(512);
  header.set(text('MATLAB 7.3 MAT-file'));
  const { report, dataset } = await loaded([file('set.mat', joined(header, made))]);
  expect(report).toMatchObject({ train: 16, test: 4, shape: [8, 8, 3], classes: ['0', '1'] });
  // A column of MATLAB lies together in the file.
  const stored = pixels(20, 192);
  const first = [...dataset.train.images.subarray(0, 192)];
  const n = Array.from({ length: 20 }, (_, i) => i).find(
    (i) => stored[i * 192] === first[0] && stored[i * 192 + 64] === first[1],
  )!;
  expect(first[3 * 8]).toBe(stored[n * 192 + 1]);
});

test('refuses what is cut off, too large or no data, and says why', async () => {
  const made = await hdf5({ x: images(20), y: numbers(20) });
  expect((await refused([file('a.h5', made.subarray(0, 3000))])).message).toMatch(
    /^a\.h5 is an HDF5 file that was cut off/,
  );
  const large = await refused([file('a.h5', made)], { limits: { unpackedBytes: 3000 } });
  expect(large.message).toContain('a.h5: x takes 4 kB; the limit is 3 kB');
  const model = await hdf5({ 'model_weights/dense/kernel': { data: Float32Array.of(1, 2, 3), shape: [3] } });
  expect((await refused([file('m.h5', model)])).message).toContain(
    'the weights of a model (Keras), not data',
  );
});

test('survives bytes being changed in many places', async () => {
  const made = await hdf5({ x: { ...images(6), chunks: [3, 8, 8, 3] }, y: numbers(6) });
  for (let at = 8; at < made.length; at += 601) {
    const spoilt = made.slice();
    spoilt[at] = spoilt[at]! ^ 0xc1;
    const { report } = await loaded([file('a.h5', spoilt)]).catch(async () => ({
      report: await refused([file('a.h5', spoilt)]),
    }));
    expect(report.message).not.toContain('error in this page');
  }
});
