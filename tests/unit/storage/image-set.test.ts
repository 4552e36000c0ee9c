import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBundled } from '../../../src/data/bundled-sets';
import { datasetOfImages, labelledImagesOf, type LabelledImages } from '../../../src/data/labelled-images';
import { applied, renamed, untouched, withoutImages } from '../../../src/data/edit';
import {
  claimDataset,
  hasDataset,
  keepDataset,
  loadDataset,
  markKept,
  offerDataset,
  openDataset,
  sweepDatasets,
  withdrawDataset,
} from '../../../src/storage/datasets';
import { heldSet, openSet, ownRefOf, packSet, refOf, unpackSet } from '../../../src/storage/set-handle';
import { packImages } from './pack-images';
import { pack } from '../../../src/storage/pack';
import { eachImage, readImages } from '../../../src/storage/set-rows';
import { file, idx, labels, loaded, pixels } from '../data/builders';
import { memoryStorage, type MemoryStorage } from './memory-storage';

const small: LabelledImages = {
  id: 'upload',
  title: 'Häuser ✓',
  height: 2,
  width: 2,
  channels: 1,
  classes: ['a', 'ü'],
  train: {
    images: Uint8Array.from({ length: 12 }, (_, i) => 20 * i),
    labels: Int32Array.of(0, 1, 0),
    count: 3,
  },
  test: { images: Uint8Array.from({ length: 8 }, (_, i) => 7 * i), labels: Int32Array.of(1, 0), count: 2 },
  attribution: { text: 'Mine', licence: 'CC0' },
};

/** As a page of November 2026 stored it. */
const stored = {
  hash: 'f53874c03208671347ecb2e53d772ea21799c6f00f15d146b926cb1392001410',
  bytes: new Uint8Array(
    Buffer.from(
      'UlRQSwEAAABZAQAAAAAAAHsiaWQiOiJ1cGxvYWQiLCJ0aXRsZSI6IkjDpHVzZXIg4pyTIiwiaGVpZ2h0IjoyLCJ3aWR0aCI6MiwiY2hhbm5lbHMiOjEsImNsYXNzZXMiOlsiYSIsIsO8Il0sInRyYWluIjp7ImltYWdlcyI6eyIkIjoiVWludDhBcnJheSIsImF0IjowLCJuIjoxMn0sImxhYmVscyI6eyIkIjoiSW50MzJBcnJheSIsImF0IjoxNiwibiI6M30sImNvdW50IjozfSwidGVzdCI6eyJpbWFnZXMiOnsiJCI6IlVpbnQ4QXJyYXkiLCJhdCI6MzIsIm4iOjh9LCJsYWJlbHMiOnsiJCI6IkludDMyQXJyYXkiLCJhdCI6NDAsIm4iOjJ9LCJjb3VudCI6Mn0sImF0dHJpYnV0aW9uIjp7InRleHQiOiJNaW5lIiwibGljZW5jZSI6IkNDMCJ9fQAAAAAAAAAAFCg8UGR4jKC0yNwAAAAAAAAAAAEAAAAAAAAAAAAAAAAHDhUcIyoxAQAAAAAAAAA=',
      'base64',
    ),
  ),
};

const fromPublic = async (path: string) => new Uint8Array(readFileSync(`public/${path}`)).buffer;

describe('what a set is called', () => {
  const editOf = (dataset: LabelledImages) => renamed(withoutImages(untouched(dataset), [1, 5]), 0, 'cat');
  const nameOf = async (dataset: LabelledImages) => (await packImages(dataset)).hash;

  test('is what pages have stored it under: imported, changed by hand, and a bundled one changed', async () => {
    const { dataset } = await loaded([
      file('train-images-idx3-ubyte', idx([40, 8, 8], pixels(40, 64))),
      file('train-labels-idx1-ubyte', idx([40], Uint8Array.from(labels(40, 2)))),
    ]);
    expect(await nameOf(small)).toBe(stored.hash);
    expect(await nameOf(dataset)).toBe('6d7f1720abf792e121f496c32fac2a7f18b96f3c1a7da20f85d3de8f35cafd2b');
    expect(await nameOf(applied(dataset, editOf(dataset)))).toBe(
      '596931a62fc256e77407056edb739b2106533a1f33786dff4459231b6ee81144',
    );
    const digits = labelledImagesOf(await loadBundled('digits-8x8', fromPublic))!;
    expect(await nameOf(applied(digits, editOf(digits)))).toBe(
      '2d760e5919ad8f77cb52fec3ee832ce25ea4ff409e53b4d3ab55857edde48260',
    );
  });

  test('is the same wherever the set comes from', async () => {
    expect(await nameOf(structuredClone(small))).toBe(stored.hash);
    expect((await packSet(await unpackSet(stored.bytes, stored.hash))).hash).toBe(stored.hash);
  });
});

describe('a set that is opened for a look', () => {
  test('is described, and its images are read from the file when they are asked for', async () => {
    const bytes = new Blob([stored.bytes]);
    const whole = vi.spyOn(bytes, 'arrayBuffer');
    const set = await openSet(bytes, stored.hash, true);
    const { train, test: testing, ...about } = small;
    expect(set).toMatchObject(about);
    expect(set.train).toMatchObject({ labels: train.labels, count: 3 });
    expect(set.test).toMatchObject({ labels: testing.labels, count: 2 });
    expect(await readImages(set, [4, 0, 2])).toEqual(
      Uint8Array.of(28, 35, 42, 49, 0, 20, 40, 60, 160, 180, 200, 220),
    );
    expect(whole).not.toHaveBeenCalled();
  });

  test('is read in pieces, each of them once by readers that go side by side', async () => {
    const size = 64 * 64 * 3;
    const images = Uint8Array.from({ length: 100 * size }, (_, i) => i / size);
    const dataset = {
      ...small,
      ...{ height: 64, width: 64, channels: 3 },
      train: { images, labels: new Int32Array(100).fill(1), count: 100 },
      test: { images: images.slice(0, size), labels: new Int32Array(1), count: 1 },
    };
    const packed = new Blob([pack(dataset)]);
    const read = vi.spyOn(packed, 'slice');
    const set = await openSet(packed, 'x', true);
    read.mockClear();
    const found: number[][] = [[], []];
    const all = Array.from({ length: 101 }, (_, i) => i);
    const take = (which: number) => (bytes: Uint8Array) => found[which]!.push(bytes[0]!);
    await Promise.all([0, 1].map((which) => eachImage(set, all, take(which))));
    expect(found).toEqual([0, 1].map(() => [...all.slice(0, 100), 0]));
    const lengths = read.mock.calls.map(([from, to]) => to! - from!);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(256 * 1024);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(101 * size);
  });

  test('names itself in messages by its digest, with its bytes where they are not stored', async () => {
    const held = await heldSet(await packImages(small));
    expect(ownRefOf(held)).toEqual({ kind: 'held', hash: stored.hash, file: held.file });
    expect(ownRefOf({ ...held, stored: true })).toEqual({ kind: 'stored', hash: stored.hash });
    const bundled = { ...held, id: 'digits-8x8', key: 'digits-8x8' };
    expect(refOf(bundled)).toEqual({ kind: 'bundled', id: 'digits-8x8' });
    expect(ownRefOf(bundled)).toBeNull();
  });

  test.each([
    ['no packed file', Uint8Array.from({ length: 100 }, (_, i) => i)],
    ['cut off in its description', stored.bytes.slice(0, 200)],
    ['cut off in its images', stored.bytes.slice(0, stored.bytes.length - 30)],
    ['no set', pack({ a: 1 })],
    ['images of another size', pack({ ...small, height: 3 })],
    ['labels of classes that are not there', pack({ ...small, classes: ['a'] })],
    ['images that are no bytes', pack({ ...small, train: { ...small.train, images: new Int16Array(12) } })],
  ])('is refused when it is %s', async (_, bytes) => {
    await expect(openSet(new Blob([bytes]), 'x', true)).rejects.toThrow('damaged');
  });

  test('is believed about its pixels only by those who read all of them', async () => {
    const bytes = stored.bytes.slice();
    bytes[bytes.length - 12]! ^= 1;
    await openSet(new Blob([bytes]), stored.hash, true);
    await expect(unpackSet(bytes, stored.hash)).rejects.toThrow('damaged');
  });
});

describe('a stored set', () => {
  let storage: MemoryStorage;
  const isThere = () => hasDataset(storage, stored.hash);
  beforeEach(async () => {
    storage = await memoryStorage();
  });

  test('of a former page is opened, looked at and loaded', async () => {
    const path = `datasets/${stored.hash}`;
    const about = { title: small.title, train: 3, test: 2, classes: 2, at: 1, keptAt: 5 };
    storage.files.contents.set(path, stored.bytes);
    await storage.database.put('datasets', {
      ...about,
      hash: stored.hash,
      path,
      digest: stored.hash,
      bytes: stored.bytes.length,
      shape: [2, 2, 1],
    });
    const set = await openDataset(storage, stored.hash);
    expect(await readImages(set, [3])).toEqual(Uint8Array.of(0, 7, 14, 21));
    expect(await loadDataset(storage, stored.hash)).toEqual(datasetOfImages(small));
    await sweepDatasets(storage);
    expect(await isThere()).toBe(true);
  });

  test('is written once, as it always was, from arrays and from a file alike', async () => {
    const packed = await packImages(small);
    const write = vi.spyOn(storage.files, 'write');
    const offered = await offerDataset(storage, packed);
    await keepDataset(storage, { about: offered, hash: offered.key, parts: [offered.file] });
    expect(write).toHaveBeenCalledTimes(1);
    expect(storage.files.contents.get(`datasets/${stored.hash}`)).toEqual(stored.bytes);
    await storage.clear();
    await keepDataset(storage, { about: offered, hash: offered.key, parts: [new Blob([stored.bytes])] });
    expect(storage.files.contents.get(`datasets/${stored.hash}`)).toEqual(stored.bytes);
  });

  test('that was imported stays while its page shows it, and goes when it is not taken', async () => {
    await offerDataset(storage, await packImages(small));
    await sweepDatasets(storage);
    expect(await isThere()).toBe(true);
    await withdrawDataset(storage, stored.hash);
    expect(await isThere()).toBe(false);
    expect(storage.files.contents.size).toBe(0);
  });

  test('that was imported by a page that is gone goes later', async () => {
    await offerDataset(storage, await packImages(small));
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + 3_600_000);
    await sweepDatasets(storage);
    vi.restoreAllMocks();
    expect(await isThere()).toBe(false);
  });

  test('is not removed while a page has it in use, and is kept when it was kept before', async () => {
    await keepDataset(storage, await packImages(small));
    await offerDataset(storage, await packImages(small));
    await withdrawDataset(storage, stored.hash);
    expect(await isThere()).toBe(true);
    const release = claimDataset(storage, stored.hash);
    await markKept(storage, stored.hash, null);
    await sweepDatasets(storage);
    expect(await isThere()).toBe(true);
    release();
    await vi.waitFor(async () => {
      await sweepDatasets(storage);
      expect(await isThere()).toBe(false);
    });
  });

  test('for which there is no room leaves nothing behind', async () => {
    storage.files.beforeWrite = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    await expect(offerDataset(storage, await packImages(small))).rejects.toThrow('full');
    expect(storage.files.contents.size).toBe(0);
    await expect(openDataset(storage, stored.hash)).rejects.toThrow('no longer stored');
  });

  test('that was cut off is called damaged when it is opened', async () => {
    await keepDataset(storage, await packImages(small));
    storage.files.contents.set(`datasets/${stored.hash}`, stored.bytes.slice(0, -8));
    await expect(openDataset(storage, stored.hash)).rejects.toThrow('damaged');
    await expect(loadDataset(storage, stored.hash)).rejects.toThrow('damaged');
  });
});
