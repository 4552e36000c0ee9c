/** Whatever the bytes: one of three outcomes, never an exception, never a hang. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { soundDataset } from '../../../src/storage/set-contents';
import {
  cifar,
  csv,
  dropped,
  file,
  folders,
  gzip,
  idx,
  int64,
  labels,
  load,
  npy,
  picture,
  pixels,
  tar,
  text,
  zip,
} from './builders';

const limits = { unpackedBytes: 4_000_000, pixelBytes: 4_000_000 };
const shape = [20, 8, 8];
const valid: Record<string, Uint8Array> = {
  zip: zip(folders(['cat', 'dog'], 4)),
  'stored zip': zip(folders(['cat', 'dog'], 4), 0),
  tar: tar(folders(['cat', 'dog'], 4)),
  'tar.gz': gzip(tar(folders(['cat', 'dog'], 4))),
  npz: zip({
    'x.npy': npy('<f4', shape, new Uint8Array(20 * 64 * 4)),
    'y.npy': npy('<i8', [20], int64(labels(20, 2))),
  }),
  npy: npy('|u1', shape, pixels(20, 64)),
  idx: idx(shape, pixels(20, 64)),
  'idx labels': idx([20], Uint8Array.from(labels(20, 2))),
  csv: text(csv(20, 16)),
  'csv with quotes': text(csv(20, 16, { value: (n, i) => `"${n}${i}"`, separator: ';' })),
  cifar: cifar(2, 1),
  picture: picture(1),
};

async function isReport(bytes: Uint8Array, name: string): Promise<void> {
  const partner = valid[name === 'idx' ? 'idx labels' : 'idx']!;
  for (const files of [[file(name, bytes)], [file(name, bytes), file('partner', partner)]]) {
    const { report, dataset } = await load(files, { limits });
    expect(['loaded', 'partial', 'refused']).toContain(report.outcome);
    expect(dataset === null).toBe(report.outcome === 'refused');
    expect(report.message).not.toContain('an error in this page');
    expect(report.message.length).toBeLessThan(1000);
    if (!dataset) continue;
    // The checks of stored files hold every set together: sizes, finite numbers, class numbers.
    expect(soundDataset(dataset)).not.toBeNull();
  }
}

const runs = { numRuns: 150 };

test('random bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), (bytes) => isReport(bytes, 'random')),
    runs,
  );
});

test('random bytes behind every beginning that is known', async () => {
  const heads = Object.values(valid).map((bytes) => bytes.subarray(0, 12));
  const tails = fc.uint8Array({ maxLength: 2000 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...heads), tails, (head, tail) =>
      isReport(Uint8Array.from([...head, ...tail]), 'random'),
    ),
    runs,
  );
});

test('random texts', async () => {
  const line = fc.array(fc.oneof(fc.integer().map(String), fc.string()), { maxLength: 12 });
  const table = fc.array(line, { maxLength: 40 });
  const separator = fc.constantFrom(',', ';', '\t');
  await fc.assert(
    fc.asyncProperty(table, separator, (rows, cell) =>
      isReport(text(rows.map((cells) => cells.join(cell)).join('\n')), 'random'),
    ),
    runs,
  );
});

test.each(Object.keys(valid))('mutations of a valid %s', async (name) => {
  const original = valid[name]!;
  const place = fc.nat(original.length - 1);
  const mutation = fc.oneof(
    fc.record({ at: place, bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) }),
    // Headers are at the beginning, the table of contents of a zip at the end.
    fc.record({
      at: fc.nat(Math.min(127, original.length - 1)),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      at: fc.nat(Math.min(199, original.length - 1)).map((back) => original.length - 1 - back),
      bytes: fc.constantFrom(Uint8Array.of(255, 255, 255, 255), Uint8Array.of(0, 0), Uint8Array.of(127)),
    }),
  );
  const cut = fc.option(place, { freq: 4, nil: null });
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { maxLength: 4 }), cut, async (mutations, length) => {
      const bytes = original.slice(0, length ?? original.length);
      for (const { at, bytes: values } of mutations)
        if (at + values.length <= bytes.length) bytes.set(values, at);
      await isReport(bytes, name);
    }),
    { numRuns: 80 },
  );
});

test('paths of every kind', async () => {
  const part = fc.oneof(
    fc.constantFrom('..', '.', '', 'train', 'test', '__proto__', 'cat', '\0', 'C:'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
  await fc.assert(
    fc.asyncProperty(fc.array(path, { minLength: 1, maxLength: 12 }), async (paths) => {
      const entries = Object.fromEntries(paths.map((name, i) => [name, picture(i)]));
      const { report } = await load(dropped(entries), { limits });
      expect(report.message).not.toContain('an error in this page');
    }),
    runs,
  );
});
