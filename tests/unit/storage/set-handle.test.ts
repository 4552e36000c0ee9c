/** Sets of other kinds than images with a class each. */
import { describe, expect, test } from 'vitest';
import { onlyView, type Dataset } from '../../../src/data/dataset';
import { keepDataset, loadDataset, openDataset } from '../../../src/storage/datasets';
import { imageSetOf, labelledSetOf } from '../../../src/storage/image-set';
import { pack } from '../../../src/storage/pack';
import { heldSet, openSet, packSet, unpackSet, type PackedSet } from '../../../src/storage/set-handle';
import { readImages, readVectors } from '../../../src/storage/set-rows';
import { OpenSets } from '../../../src/worker/open-sets';
import { memoryStorage } from './memory-storage';

const table: Dataset = {
  id: 'upload',
  title: 'Houses',
  task: 'regression',
  inputs: { [onlyView]: { kind: 'vector', names: ['rooms', '__proto__', 'age'] } },
  target: { kind: 'number', names: ['price'], units: ['€'] },
  train: {
    count: 2,
    inputs: { [onlyView]: { values: Float32Array.of(1, 2, 3, 4, 5, 6.5), shape: [3] } },
    targets: { values: Float32Array.of(100.5, -3), shape: [1] },
    known: Uint8Array.of(1, 0),
  },
  test: {
    count: 1,
    inputs: { [onlyView]: { values: Float32Array.of(7, 8, 9), shape: [3] } },
    targets: { values: Float32Array.of(42), shape: [1] },
    known: Uint8Array.of(1),
  },
};

const tagged: Dataset = {
  id: 'upload',
  title: 'Tagged',
  task: 'multilabel',
  inputs: { [onlyView]: { kind: 'image', height: 1, width: 2, channels: 1 } },
  target: { kind: 'labels', names: ['a', 'b'] },
  train: {
    count: 2,
    inputs: { [onlyView]: { values: Uint8Array.of(1, 2, 3, 4), shape: [1, 2, 1] } },
    targets: { values: Uint8Array.of(1, 1, 0, 0), shape: [2] },
    known: Uint8Array.of(1, 1),
  },
  test: {
    count: 1,
    inputs: { [onlyView]: { values: Uint8Array.of(5, 6), shape: [1, 2, 1] } },
    targets: { values: Uint8Array.of(0, 1), shape: [2] },
    known: Uint8Array.of(1),
  },
};

const bytesOf = async ({ parts }: PackedSet) => new Uint8Array(await new Blob([...parts]).arrayBuffer());

describe.each([table, tagged])('$title', (dataset) => {
  test('is the same after packing, in a worker and in storage, under the same digest', async () => {
    const packed = await packSet(dataset);
    const bytes = await bytesOf(packed);
    expect(await unpackSet(bytes, packed.hash)).toEqual(dataset);
    expect((await packSet(await unpackSet(bytes, packed.hash))).hash).toBe(packed.hash);
    const storage = await memoryStorage();
    await keepDataset(storage, packed);
    expect(await loadDataset(storage, packed.hash)).toEqual(dataset);
    const opened = await new OpenSets(async () => storage).open({ kind: 'stored', hash: packed.hash });
    expect(opened).toEqual(dataset);
  });

  test('is opened with its specs and targets in memory', async () => {
    const storage = await memoryStorage();
    const packed = await packSet(dataset);
    await keepDataset(storage, packed);
    const { inputs: _, ...train } = dataset.train;
    for (const set of [await openDataset(storage, packed.hash), await heldSet(packed)]) {
      expect(set).toMatchObject({ inputs: dataset.inputs, target: dataset.target, task: dataset.task });
      expect(set.train).toMatchObject(train);
      expect(labelledSetOf(set)).toBeNull();
    }
  });

  test('that is damaged is refused, by each who reads the damaged part', async () => {
    const { hash, ...packed } = await packSet(dataset);
    const bytes = await bytesOf({ hash, ...packed });
    bytes[bytes.length - 1]! ^= 1;
    await expect(unpackSet(bytes, hash)).rejects.toThrow('damaged');
    const cut = new Blob([bytes.slice(0, -8)]);
    await expect(openSet(cut, hash, true)).rejects.toThrow('damaged');
  });
});

test('the row of a stored set says what it holds, also to pages that know only images with classes', async () => {
  const storage = await memoryStorage();
  const packed = await packSet(table);
  await keepDataset(storage, packed);
  const row = await storage.database.get('datasets', packed.hash);
  expect(row).toMatchObject({ inputs: table.inputs, target: table.target, shape: [1, 3, 1], classes: 1 });
});

test('rows and images are read from the file in the order asked for, through both splits', async () => {
  const rows = await heldSet(await packSet(table));
  expect(imageSetOf(rows)).toBeNull();
  expect(await readVectors(rows, [2, 0])).toEqual(Float32Array.of(7, 8, 9, 1, 2, 3));
  const images = imageSetOf(await heldSet(await packSet(tagged)))!;
  expect(images).toMatchObject({ height: 1, width: 2, channels: 1 });
  expect(await readImages(images, [2, 1])).toEqual(Uint8Array.of(5, 6, 3, 4));
});

test('images of which some have no class keep that', async () => {
  const target = { kind: 'class' as const, names: ['a', 'b'] };
  const known = Uint8Array.of(1, 0);
  const targets = { values: Int32Array.of(1, 0), shape: [] };
  const test = { ...tagged.test, targets: { values: Int32Array.of(0), shape: [] } };
  const half: Dataset = {
    ...{ ...tagged, task: 'classification', target, test },
    train: { ...tagged.train, targets, known },
  };
  const packed = await packSet(half);
  expect(await unpackSet(await bytesOf(packed), packed.hash)).toEqual(half);
  expect(labelledSetOf(await heldSet(packed))!.train).toMatchObject({ known, labels: targets.values });
});

const spoiltTrain = (changes: Partial<Dataset['train']>) => ({
  ...table,
  train: { ...table.train, ...changes },
});

test.each<[string, unknown]>([
  ['another task than its target', { ...table, task: 'classification' }],
  ['a view without values', { ...table, inputs: { ...table.inputs, more: table.inputs[onlyView] } }],
  ['no view', { ...table, inputs: {} }],
  ['units for other names', { ...table, target: { ...table.target, units: [] } }],
  ['targets of another width', spoiltTrain({ targets: { values: new Float32Array(4), shape: [2] } })],
  ['targets that are no numbers', spoiltTrain({ targets: { values: Float32Array.of(1, NaN), shape: [1] } })],
  ['targets of another type', spoiltTrain({ targets: { values: Int32Array.of(1, 2), shape: [1] } })],
  ['known marks that are none', spoiltTrain({ known: Uint8Array.of(1, 2) })],
  [
    'labels that are neither 0 nor 1',
    { ...tagged, test: { ...tagged.test, targets: { values: Uint8Array.of(0, 2), shape: [2] } } },
  ],
])('a set with %s is refused', async (_, value) => {
  await expect(openSet(new Blob([pack(value)]), 'x', true)).rejects.toThrow('damaged');
});

test('numbers of a table that are not finite are found by those who read them', async () => {
  const values = Float32Array.of(1, 2, Infinity, 4, 5, 6);
  const packed = await packSet(spoiltTrain({ inputs: { [onlyView]: { values, shape: [3] } } }));
  await expect(unpackSet(await bytesOf(packed), packed.hash)).rejects.toThrow('damaged');
});
