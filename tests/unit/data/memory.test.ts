/** What is read takes no more memory than it must: counted before it is kept, piece by piece where it can be large. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CellStore } from '../../../src/data/cell-store';
import { crc32 } from '../../../src/data/containers/crc32';
import { gunzip } from '../../../src/data/containers/gzip';
import { freeBuffer } from '../../../src/data/free-buffer';
import { ImportContext, Refusal } from '../../../src/data/import-context';
import type { Limits } from '../../../src/data/limits';
import { Collector, type Source } from '../../../src/data/source';
import { rowsOf } from '../../../src/data/text-table';
import {
  csv,
  decodePicture,
  dropped,
  file,
  folders,
  gzip,
  loaded,
  npy,
  pixels,
  refused,
  text,
  zip,
  type Bytes,
} from './builders';

const jobWith = (limits: Partial<Limits> = {}) => new ImportContext({ decodeImage: decodePicture, limits });

afterEach(() => vi.restoreAllMocks());

test('a loose picture is read twice: its head, and all of it to be decoded', async () => {
  const slice = vi.spyOn(Blob.prototype, 'slice');
  const files = dropped(folders(['a', 'b'], 20));
  await loaded(files);
  expect(slice.mock.calls.length).toBeGreaterThanOrEqual(files.length);
  expect(slice.mock.calls.length).toBeLessThanOrEqual(2 * files.length);
});

describe('what is too much is not kept', () => {
  test('arrays in an archive', async () => {
    const kept = vi.spyOn(Collector.prototype, 'bytes');
    const content = pixels(400, 1000);
    const entries = Object.fromEntries(
      ['a', 'b', 'c'].map((name) => [`${name}.npy`, npy('|u1', [400_000], content)]),
    );
    const report = await refused([file('x.npz', zip(entries))], { limits: { unpackedBytes: 1_000_000 } });
    expect(report.message).toContain('977 kB, the limit');
    expect(kept).toHaveBeenCalled();
    for (const { value } of kept.mock.results) expect((value as Bytes).length).toBeLessThan(10_000);
  });

  test('a gzip file', async () => {
    const packed = new Blob([gzip(text('a'.repeat(3_000_000)))]);
    const kept = vi.spyOn(Collector.prototype, 'bytes');
    const unpacking = gunzip(packed, jobWith({ unpackedBytes: 2_000_000 }), undefined, 100_000);
    await expect(unpacking).rejects.toThrow(Refusal);
    expect(kept).not.toHaveBeenCalled();
  });

  test('a table in a gzip file, which is read piece by piece', async () => {
    const kept = vi.spyOn(Collector.prototype, 'bytes');
    const { report } = await loaded([file('digits.csv.gz', gzip(text(csv(8000, 64))))]);
    expect(report).toMatchObject({ outcome: 'loaded', format: 'CSV', shape: [8, 8, 1] });
    expect(report.train + report.test).toBe(8000);
    // The sample that tells what it is.
    for (const { value } of kept.mock.results)
      expect((value as Bytes).length).toBeLessThanOrEqual(1024 * 1024);
  });

  test('a gzip file that is longer than anything that begins so', async () => {
    const packed = new Blob([gzip(new Uint8Array(3_000_000))]);
    const bytes = await gunzip(packed, jobWith(), () => 1_000_000, 100_000);
    expect(bytes.length).toBeLessThan(10_000);
  });
});

test.each([100, 100_000_000])('a gzip file is whole, if %i bytes are kept as they come', async (kept) => {
  const content = pixels(300, 1000);
  const context = jobWith({ unpackedBytes: content.length });
  expect(await gunzip(new Blob([gzip(content)]), context, undefined, kept)).toEqual(content);
});

test('memory that was given back is gone at once', () => {
  const bytes = new Uint8Array(1000);
  freeBuffer(bytes.buffer);
  expect(bytes.length).toBe(0);
});

describe('a table that comes in pieces', () => {
  const rows = [
    ['label', 'ä', '"two\nlines"'],
    ['1', '2', '3,5'],
  ];
  const written = rows.map((row) => row.join(';')).join('\r\n') + '\r\n';
  const utf16 = new Uint8Array(Uint16Array.from(`\ufeff${written}`, (letter) => letter.charCodeAt(0)).buffer);

  test.each([
    ['UTF-8', text(written)],
    ['UTF-8 with a mark', text(`\ufeff${written}`)],
    ['UTF-16', utf16],
  ])('has the same rows wherever it is cut: %s', async (_, bytes) => {
    for (const size of [1, 2, 3, 7, 1000]) {
      const source: Source = {
        path: 'a.csv',
        where: 'a.csv',
        size: bytes.length,
        read: (most) =>
          most === Infinity ? Promise.reject(new Error('read whole')) : Promise.resolve(bytes.slice(0, most)),
        async *pieces() {
          for (let at = 0; at < bytes.length; at += size) yield Promise.resolve(bytes.slice(at, at + size));
        },
      };
      const found: string[][] = [];
      for await (const { cells } of rowsOf(source, ';', jobWith())) found.push(cells);
      expect(found, `pieces of ${size}`).toEqual([['label', 'ä', 'two\nlines'], rows[1]]);
    }
  });
});

test.each([
  [20, 8],
  [1000, 8],
  [3000, 1],
])('pictures of %i pixels a side are decoded %i at a time', async (side, expected) => {
  const entries = folders(['cat', 'dog'], 10);
  for (const bytes of Object.values(entries)) {
    const header = new DataView(bytes.buffer);
    header.setUint32(16, side);
    header.setUint32(20, side);
  }
  let now = 0;
  let most = 0;
  const decodeImage = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now--;
    return { width: 8, height: 8, rgba: new Uint8ClampedArray(256).fill(255) };
  };
  await loaded(dropped(entries), { decodeImage });
  expect(most).toBe(expected);
});

test('cells are bytes until one is none, and keep their numbers', () => {
  const store = new CellStore(400_000);
  for (let row = 0; row < 5; row++) for (const column of [0, 399_999]) store.set(row, column, row * 60);
  expect(store.bytes).toBe(3 * 800_000);
  store.set(2, 7, -0.5);
  store.set(4, 7, 256);
  expect(store.bytes).toBe(800_000 + 4 * 800_000 + 4 * 800_000);
  const columns = [0, 7, 399_999];
  expect([0, 1, 2, 3, 4].map((row) => columns.map((column) => store.at(row, column)))).toEqual([
    [0, 0, 0],
    [60, 0, 60],
    [120, -0.5, 120],
    [180, 0, 180],
    [240, 256, 240],
  ]);
});

test('the checksum is that of the standard, however the bytes are cut', () => {
  expect(crc32(text('123456789'))).toBe(0xcbf43926);
  const bytes = pixels(1, 64);
  for (let cut = 0; cut <= 64; cut++)
    expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crc32(bytes));
});
