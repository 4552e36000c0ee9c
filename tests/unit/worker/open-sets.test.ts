import { onlyView } from '../../../src/data/dataset';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { datasetOfImages, type LabelledImages } from '../../../src/data/labelled-images';
import { hasDataset, keepDataset, storeDataset } from '../../../src/storage/datasets';
import type { OwnSetRef, PackedSet } from '../../../src/storage/set-handle';
import { packImages } from '../storage/pack-images';
import { OpenSets } from '../../../src/worker/open-sets';
import { tinyImages } from '../training/tiny';
import { memoryStorage, type MemoryStorage } from '../storage/memory-storage';

const fetchPublic = vi.fn(async (path: string) => new Uint8Array(readFileSync(`public/${path}`)).buffer);
let storage: MemoryStorage;
let sets: OpenSets;
let dataset: LabelledImages;
let packed: PackedSet;
let stored: OwnSetRef;

beforeEach(async () => {
  fetchPublic.mockClear();
  storage = await memoryStorage();
  sets = new OpenSets(async () => storage, fetchPublic);
  dataset = { ...tinyImages(), id: 'upload' };
  packed = await packImages(dataset);
  stored = { kind: 'stored', hash: packed.hash };
  await keepDataset(storage, packed);
});

const held = (): OwnSetRef => ({ kind: 'held', hash: packed.hash, file: new Blob([...packed.parts]) });

describe('a set of the person’s own', () => {
  test('is read once where it is stored, and again when another one was open meanwhile', async () => {
    const blob = vi.spyOn(storage.files, 'blob');
    const setsRead = () => blob.mock.calls.filter(([path]) => path.startsWith('datasets/')).length;
    const [first, second] = await Promise.all([sets.open(stored), sets.open(stored)]);
    expect(first).toEqual(datasetOfImages(dataset));
    expect(second).toBe(first);
    expect(setsRead()).toBe(1);
    const other = await packImages({ ...dataset, title: 'Other' });
    await keepDataset(storage, other);
    blob.mockClear();
    expect((await sets.open({ kind: 'stored', hash: other.hash })).title).toBe('Other');
    await sets.open(stored);
    expect(setsRead()).toBe(2);
  });

  test('lies in the memory of the worker once: its arrays are views of what was read', async () => {
    const { train, test: testing } = await sets.open(stored);
    expect(
      new Set(
        [train, testing].flatMap(({ inputs, targets }) => [
          inputs[onlyView]!.values.buffer,
          targets.values.buffer,
        ]),
      ).size,
    ).toBe(1);
  });

  test('that is not stored is read from what the page holds, and can be stored from there', async () => {
    const elsewhere = await memoryStorage();
    const other = new OpenSets(async () => elsewhere, fetchPublic);
    const opened = await other.open(held());
    expect(opened).toEqual(datasetOfImages(dataset));
    await storeDataset(elsewhere, other.packed(opened)!, async () => undefined);
    expect(elsewhere.files.contents).toEqual(storage.files.contents);
  });

  test('that is gone or damaged is refused, and tried again', async () => {
    const path = `datasets/${packed.hash}`;
    const whole = storage.files.contents.get(path)!;
    const spoiled = whole.slice();
    spoiled[whole.length - 9]! ^= 1;
    storage.files.contents.set(path, spoiled);
    await expect(sets.open(stored)).rejects.toThrow('damaged');
    storage.files.contents.delete(path);
    await expect(sets.open(stored)).rejects.toThrow('no longer stored');
    storage.files.contents.set(path, whole);
    expect(await sets.open(stored)).toEqual(datasetOfImages(dataset));
  });

  test('outlives a storage that is cleared: it stays open, and is lent to others', async () => {
    const opened = await sets.open(stored);
    expect(await sets.refOf(opened)).toEqual(stored);
    await storage.clear();
    expect(await sets.open(stored)).toBe(opened);
    const lent = (await sets.lend(packed.hash))!;
    expect(await sets.lend('another')).toBeNull();
    expect(await new OpenSets(async () => storage).open({ ...held(), file: lent } as OwnSetRef)).toEqual(
      datasetOfImages(dataset),
    );
    expect(await sets.refOf(opened)).toMatchObject({ kind: 'held', hash: packed.hash });
    await storeDataset(storage, sets.packed(opened)!, async () => undefined);
    expect(await hasDataset(storage, packed.hash)).toBe(true);
  });
});

describe('a bundled set', () => {
  const digits = { kind: 'bundled', id: 'digits-8x8' } as const;

  test('is fetched once while it is asked for, and stored nowhere', async () => {
    const opened = await sets.open(digits);
    expect(await sets.open(digits)).toBe(opened);
    expect(fetchPublic).toHaveBeenCalledTimes(4);
    expect(sets.packed(opened)).toBeNull();
    expect(await sets.refOf(opened)).toEqual(digits);
  });

  test('that cannot be fetched is asked for again', async () => {
    fetchPublic.mockRejectedValueOnce(new Error('offline'));
    await expect(sets.open(digits)).rejects.toThrow('offline');
    expect((await sets.open(digits)).train.count).toBe(1437);
  });
});
