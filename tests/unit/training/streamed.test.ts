/** A set that is read from its file, row by row, trains with the same numbers as one in memory. */
import { beforeAll, expect, test } from 'vitest';
import { onlyView, type Dataset } from '../../../src/data/dataset';
import { isStored, StoredColumn } from '../../../src/data/stored-column';
import { keepDataset } from '../../../src/storage/datasets';
import { StorageFault } from '../../../src/storage/faults';
import { streamSet, unpackSet } from '../../../src/storage/set-handle';
import { planRun } from '../../../src/training/plan';
import { OpenSets } from '../../../src/worker/open-sets';
import { useWasm } from '../../support/wasm-in-node';
import { memoryStorage } from '../storage/memory-storage';
import { packImages } from '../storage/pack-images';
import { numbersOf, ofType, tinyImages, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const packed = packImages(tinyImages());
const bytesOf = async () => new Uint8Array(await new Blob([...(await packed).parts]).arrayBuffer());

/** The set as a training worker opens it where nothing but a few bytes fits in memory. */
async function streamed(): Promise<{ dataset: Dataset; reads: [number, number][] }> {
  const set = await packed;
  const storage = await memoryStorage();
  await keepDataset(storage, set);
  const bytes = await bytesOf();
  const reads: [number, number][] = [];
  const readerOf = () => (at: number, length: number) => {
    reads.push([at, length]);
    return bytes.slice(at, at + length);
  };
  const sets = new OpenSets(async () => storage, undefined, { above: 100, readerOf });
  return { dataset: await sets.open({ kind: 'stored', hash: set.hash }), reads };
}

const recipe = tinyRecipe({
  hints: [{ id: 'kd' }, { id: 'fitnet' }],
  weighting: {
    id: 'hint-dynamic',
    knobs: { metaInterval: 2, metaWarmup: 0, metaSet: 'next-batch', metaHidden: 16 },
  },
  material: { dataset: 'upload', labelsPerClass: 10, unlabelled: 40, shift: 1, flip: true, halve: true },
});

test('augmented, with unlabelled images, HKD and tracked samples: to the bit', async () => {
  const held = await unpackSet(await bytesOf(), (await packed).hash);
  const { dataset, reads } = await streamed();
  expect(isStored(dataset.train)).toBe(true);
  const [inMemory, fromFile] = [await train(recipe, held), await train(recipe, dataset)];
  inMemory.run.dispose();
  fromFile.run.dispose();
  expect(ofType(fromFile.events, 'finished')).toHaveLength(1);
  expect(numbersOf(fromFile.events)).toEqual(numbersOf(inMemory.events));
  expect(ofType(fromFile.events, 'started')[0]!.watched).toEqual(
    ofType(inMemory.events, 'started')[0]!.watched,
  );
  expect(reads.length).toBeGreaterThan(0);
});

test('a few blocks stay in memory, and rows at the end are not read beyond', () => {
  const file = Uint8Array.from({ length: 4 + 7 * 300_000 }, (_, i) => (i * 7) % 251);
  const reads: number[] = [];
  const column = new StoredColumn({ shape: [300, 1000, 1], count: 7, at: 4 }, (at, length) => {
    reads.push(at);
    return file.slice(at, at + length);
  });
  for (const row of [6, 0, 6, 6, 3])
    expect(column.row(row)).toEqual(file.slice(4 + row * 300_000, 4 + (row + 1) * 300_000));
  expect(reads).toEqual([4 + 6 * 300_000, 4, 4 + 3 * 300_000]);
});

test('what needs all images at once is refused with the knob; a damaged file is not opened', async () => {
  const { dataset } = await streamed();
  const noisy = { ...recipe, material: { ...recipe.material, trainNoise: 10 } };
  expect(() => planRun(noisy, dataset)).toThrow(/too large for the memory .*“.*oise.*” makes a changed copy/);
  expect(() => dataset.train.inputs[onlyView]!.values).toThrow(/too many to be in memory/);
  const bytes = await bytesOf();
  bytes[bytes.length - 1]! ^= 1;
  const opening = streamSet(new Blob([bytes]), (await packed).hash, () => bytes);
  await expect(opening).rejects.toBeInstanceOf(StorageFault);
});
