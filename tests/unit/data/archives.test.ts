import { describe, expect, test } from 'vitest';
import {
  file,
  folders,
  gzip,
  joined,
  labels,
  loaded,
  npy,
  picture,
  pixels,
  refused,
  tar,
  tarHeader,
  text,
  zip,
  type Bytes,
} from './builders';

const set = folders(['cat', 'dog'], 10);

/** Where a four-byte signature stands, first or last. */
function find(bytes: Uint8Array, signature: number, last = false): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const places = Array.from({ length: bytes.length - 3 }, (_, i) => i).filter(
    (i) => view.getUint32(i, true) === signature,
  );
  return (last ? places.at(-1) : places[0]) ?? -1;
}

const central = 0x02014b50;
const local = 0x04034b50;
const end = 0x06054b50;

/** A zip of the set whose first central header (and local one) was tampered with. */
function tampered(change: (view: DataView, central: number, local: number) => void): Bytes {
  const bytes = zip(set, 0).slice();
  change(new DataView(bytes.buffer), find(bytes, central), find(bytes, local));
  return bytes;
}

describe('a zip', () => {
  test.each([
    [
      'encrypted',
      (v: DataView, c: number, l: number) => (v.setUint16(c + 8, 1, true), v.setUint16(l + 6, 1, true)),
      'encrypted',
    ],
    [
      'packed in an unknown way',
      (v: DataView, c: number, l: number) => (v.setUint16(c + 10, 14, true), v.setUint16(l + 8, 14, true)),
      'method 14',
    ],
    [
      'a symbolic link',
      (v: DataView, c: number) => (v.setUint16(c + 4, 0x0314, true), v.setUint32(c + 38, 0xa1ff0000, true)),
      'symbolic link',
    ],
    ['of a wrong checksum', (v: DataView, c: number) => v.setUint32(c + 16, 12345, true), 'checksum'],
    [
      'claiming more bytes than it has',
      (v: DataView, c: number) => v.setUint32(c + 24, 5000, true),
      'damaged',
    ],
    ['claiming 4 GB', (v: DataView, c: number) => v.setUint32(c + 24, 0xfffffff0, true), 'damaged'],
    [
      'claiming fewer bytes than it has',
      (v: DataView, c: number) => v.setUint32(c + 24, 10, true),
      'damaged',
    ],
  ])('is loaded without an entry that is %s', async (_, change, cause) => {
    const { report } = await loaded([file('x.zip', tampered(change))]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1, train: 15, test: 4 });
    expect(report.skipped[0]!.where).toBe('x.zip: cat/0.png');
    expect(report.skipped[0]!.why).toContain(cause);
  });

  test('is loaded without the entry of which a byte was flipped', async () => {
    const bytes = zip(set, 0).slice();
    bytes[find(bytes, local) + 30 + 'cat/0.png'.length + 30]! ^= 1;
    const { report } = await loaded([file('x.zip', bytes)]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1 });
    expect(report.skipped[0]!.why).toContain('checksum');
  });

  test.each([
    ['../up.png'],
    ['cat/../../up.png'],
    ['/cat/abs.png'],
    ['C:\\cat\\drive.png'],
    ['cat\\..\\up.png'],
  ])('is loaded without the entry %s, which is listed', async (path) => {
    const { report } = await loaded([file('x.zip', zip({ ...set, [path]: picture(77) }))]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1, classes: ['cat', 'dog'] });
    expect(report.skipped[0]).toMatchObject({ where: `x.zip: ${path}` });
    expect(report.skipped[0]!.why).toContain('path');
  });

  test('is refused when all of it is encrypted', async () => {
    const bytes = zip(set, 0).slice();
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < bytes.length - 4; i++) {
      if (view.getUint32(i, true) === central) view.setUint16(i + 8, 1, true);
      if (view.getUint32(i, true) === local) view.setUint16(i + 6, 1, true);
    }
    const report = await refused([file('x.zip', bytes)]);
    expect(report.message).toContain('encrypted');
    expect(report).toMatchObject({ format: 'zip', skippedCount: 20 });
  });

  test.each([
    ['cut off', (bytes: Bytes) => bytes.subarray(0, bytes.length - 200), 'cut off'],
    ['cut to its first bytes', (bytes: Bytes) => bytes.subarray(0, 10), 'cut off'],
    ['empty', () => zip({}), 'no files'],
    ['only a part', () => joined(Uint8Array.from([0x50, 0x4b, 7, 8]), zip(set)), 'split zip'],
  ])('is refused when it is %s', async (_, change, cause) => {
    const report = await refused([file('x.zip', change(zip(set)))]);
    expect(report.message).toContain(cause);
    expect(report.message).toContain('x.zip');
    expect(report.format).toBe('zip');
  });

  test('is read by its directory, wherever that says the entries lie', async () => {
    const bytes = zip(set, 0).slice();
    new DataView(bytes.buffer).setUint32(find(bytes, end, true) + 16, 0x7fffffff, true);
    // The directory is looked for before the end record; finding it or refusing are both fine, reading nonsense is not.
    const { importFiles } = await import('../../../src/data/import-dataset');
    const { decodePicture } = await import('./builders');
    const { report } = await importFiles([file('x.zip', bytes)], { decodeImage: decodePicture });
    expect(report.outcome === 'refused' || report.train + report.test === 20).toBe(true);
  });

  test('stops at the limit of unpacked bytes, whatever its headers claim', async () => {
    const bomb = zip({ ...set, 'cat/bomb.png': joined(picture(1), new Uint8Array(2_000_000)) });
    const report = await refused([file('x.zip', bomb)], { limits: { unpackedBytes: 1_000_000 } });
    expect(report.message).toContain('977 kB, the limit');
    const { report: kept } = await loaded([file('x.zip', bomb)], { limits: { pictureBytes: 1_000_000 } });
    expect(kept).toMatchObject({ outcome: 'partial', skippedCount: 1 });
    expect(kept.skipped[0]!.why).toContain('the limit for one picture');
  });
});

describe('a large entry of a zip', () => {
  const count = 1000;
  const pack = () =>
    zip({
      'x.npy': npy('|u1', [count, 32, 32], pixels(count, 1024)),
      'y.npy': npy('|u1', [count], Uint8Array.from(labels(count, 2))),
    });

  test('is unpacked whole', async () => {
    const { report, dataset } = await loaded([file('x.npz', pack())]);
    expect(report).toMatchObject({ outcome: 'loaded', train: 800, test: 200 });
    const all = pixels(count, 1024);
    const rows = Array.from({ length: count }, (_, n) => all.slice(n * 1024, n * 1024 + 16).join());
    const found = [dataset.train, dataset.test].flatMap((split) =>
      Array.from({ length: split.count }, (_, n) => split.images.slice(n * 1024, n * 1024 + 16).join()),
    );
    expect(found.sort()).toEqual(rows.sort());
  });

  test.each<[string, (bytes: Bytes) => void, string]>([
    ['of damaged bytes', (bytes) => bytes.fill(0xff, 5000, 5400), 'damaged'],
    [
      'of a wrong checksum',
      (bytes) => new DataView(bytes.buffer).setUint32(find(bytes, central) + 16, 7, true),
      'checksum',
    ],
    [
      'claiming fewer bytes than it has',
      (bytes) => new DataView(bytes.buffer).setUint32(find(bytes, central) + 24, 700_000, true),
      'size the archive states',
    ],
    [
      'claiming more bytes than it has',
      (bytes) => new DataView(bytes.buffer).setUint32(find(bytes, central) + 24, 0x7fffffff, true),
      'size the archive states',
    ],
  ])('%s is refused', async (_, spoil, cause) => {
    const bytes = pack().slice();
    spoil(bytes);
    const report = await refused([file('x.npz', bytes)]);
    expect(report.message).toContain('x.npz: x.npy');
    expect(report.message).toContain(cause);
  });

  test('stops at the limit of unpacked bytes', async () => {
    const report = await refused([file('x.npz', pack())], { limits: { unpackedBytes: 300_000 } });
    expect(report.message).toContain('293 kB, the limit');
  });
});

describe('a tar', () => {
  test('is read with long names, both GNU and PAX', async () => {
    const long = `${'deep'.repeat(30)}/cat/`;
    const blocks: Uint8Array[] = [];
    for (const [i, name] of ['cat', 'dog'].entries())
      for (let n = 0; n < 10; n++) {
        const path = `${long.replace('cat', name)}${n}.png`;
        const bytes = picture(i * 100 + n);
        const record = ` path=${path}\n`;
        const note = i === 0 ? text(`${path}\0`) : text(`${record.length + 3}${record}`);
        const fill = (content: Uint8Array) => new Uint8Array((512 - (content.length % 512)) % 512);
        blocks.push(tarHeader('././@LongLink', note.length, i === 0 ? 'L' : 'x'), note, fill(note));
        blocks.push(tarHeader('short', bytes.length, '0'), bytes, fill(bytes));
      }
    const { report } = await loaded([file('x.tar', joined(...blocks, new Uint8Array(1024)))]);
    expect(report).toMatchObject({ outcome: 'loaded', classes: ['cat', 'dog'], train: 16, test: 4 });
  });

  test('is loaded without links, devices and paths that leave it', async () => {
    const odd = joined(
      tar(set).subarray(0, -1024),
      tarHeader('cat/link.png', 0, '2'),
      tarHeader('cat/hard.png', 0, '1'),
      tarHeader('cat/device', 0, '3'),
      tarHeader('cat/folder/', 0, '5'),
      tar({ '../up.png': picture(5), '/abs.png': picture(6) }),
    );
    const { report } = await loaded([file('x.tar', odd)]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 5, train: 16 });
  });

  test('is loaded up to the file at which it is cut off', async () => {
    const whole = tar(set);
    const { report } = await loaded([file('x.tar', whole.subarray(0, 512 + 512 * 2 * 17 + 20))]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1 });
    expect(report.skipped[0]!.why).toContain('cut off');
  });

  test('says so when it lacks its end, for it may have been cut between two files', async () => {
    const { report } = await loaded([file('x.tar', tar(set).subarray(0, -1024))]);
    expect(report.outcome).toBe('loaded');
    expect(report.warnings.join()).toContain('x.tar lacks the mark at the end of a tar archive');
    expect((await loaded([file('x.tar', tar(set))])).report.warnings.join()).not.toContain('lacks the mark');
  });

  test('the long name of a link is no file of its own', async () => {
    const odd = joined(tarHeader('././@LongLink', 0, 'K'), tarHeader('cat/link.png', 0, '2'), tar(set));
    const { report } = await loaded([file('x.tar', odd)]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1 });
  });

  test('is refused when a header does not add up', async () => {
    const bytes = tar(set).slice();
    bytes[1024 + 3]! ^= 1;
    const report = await refused([file('x.tar', bytes)]);
    expect(report.message).toMatch(/damaged at byte 1024/);
    const first = tar(set).slice();
    first[3]! ^= 1;
    expect((await refused([file('x.tar', first)])).outcome).toBe('refused');
  });

  test('in gzip stops at the limit of unpacked bytes', async () => {
    const bomb = gzip(tar({ 'cat/zeros.png': new Uint8Array(3_000_000) }));
    expect(bomb.length).toBeLessThan(10_000);
    const report = await refused([file('x.tar.gz', bomb)], { limits: { unpackedBytes: 1_000_000 } });
    expect(report.message).toContain('the limit');
  });
});

test('archives inside archives are not followed, not even a tar.gz in a zip', async () => {
  const inner = { 'inner.tar.gz': gzip(tar(set)), 'inner.zip': zip(set) };
  const { report } = await loaded([file('x.zip', zip({ ...set, ...inner }))]);
  expect(report).toMatchObject({ outcome: 'partial', skippedCount: 2 });
  const alone = await refused([file('x.zip', zip(inner))]);
  expect(alone.message).toContain('archive inside an archive');
});

test('an archive beside plain data is left out', async () => {
  const files = [
    ...Object.entries(set).map(([path, bytes]) => file(path, bytes)),
    file('copy.zip', zip(set)),
  ];
  const { report } = await loaded(files);
  expect(report).toMatchObject({ outcome: 'partial', skippedCount: 1, train: 16, test: 4 });
});
