import { parquetMetadata } from 'hyparquet';
import { ByteWriter, parquetWriteBuffer } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { isLong } from '../../support/long';
import {
  file,
  joined,
  load,
  loaded,
  loadedSet,
  picture,
  pixel,
  refused,
  tar,
  text,
  zip,
  type Bytes,
} from './builders';

type Codec = 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP' | 'BROTLI' | 'ZSTD' | 'LZ4_RAW';

interface Table {
  rows?: number;
  codec?: Codec;
  /** Column names. */
  image?: string;
  label?: string;
  /** Names of the classes in the file's metadata. */
  names?: string[] | null;
  /** The picture; a text is a path without one. */
  cell?: (n: number) => Bytes | string | null;
  labelOf?: (n: number) => bigint | string | null;
  groupRows?: number;
  more?: { name: string; data: unknown[]; type: 'INT64' | 'STRING' }[];
}

const dogs = ['cat', 'dog', 'eel'];

/** A file as the `datasets` library of Hugging Face writes it. */
function table({
  rows = 60,
  codec = 'SNAPPY',
  image = 'image',
  label = 'label',
  names = dogs,
  cell = (n) => picture(n),
  labelOf = (n) => BigInt(n % 3),
  groupRows = 25,
  more = [],
}: Table = {}): Bytes {
  const cells = Array.from({ length: rows }, (_, n) => {
    const bytes = cell(n);
    if (typeof bytes === 'string') return { bytes: null, path: bytes };
    return bytes ? { bytes, path: `/etc/${n}.png` } : null;
  });
  const labels = Array.from({ length: rows }, (_, n) => labelOf(n));
  const features = {
    [image]: { _type: 'Image' },
    [label]: names ? { names, _type: 'ClassLabel' } : { dtype: 'string', _type: 'Value' },
  };
  const isText = labels.some((value) => typeof value === 'string');
  const buffer = parquetWriteBuffer({
    codec,
    compressors: {
      GZIP: (bytes) => gzipSync(bytes),
      BROTLI: (bytes) => brotliCompressSync(bytes),
      ZSTD: zstdStored,
      LZ4_RAW: lz4Stored,
    },
    rowGroupSize: groupRows,
    schema: [
      { name: 'root', num_children: 2 + more.length },
      { name: image, repetition_type: 'OPTIONAL', num_children: 2 },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      isText
        ? { name: label, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }
        : { name: label, type: 'INT64', repetition_type: 'OPTIONAL' },
      ...more.map(({ name, type }) =>
        type === 'INT64'
          ? ({ name, type, repetition_type: 'OPTIONAL' } as const)
          : ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' } as const),
      ),
    ],
    columnData: [
      { name: image, data: cells },
      { name: label, data: labels },
      ...more.map(({ name, data }) => ({ name, data })),
    ],
    kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
  });
  return new Uint8Array(buffer);
}

/** Two rows written by pyarrow: a column "image" of one byte each, a column "label" of the lists 0, 1 and 1. */
const severalLabels =
  'UEFSMRUAFSAVICwVBBUAFQYVBhwAAAACAAAABAEBAAAAeAEAAAB5FQAVMBUwLBUGFQAVBhUGHAAAAAIAAAADAgIAAAAGAwAAAAABAAAAAQAAABUEGVw1ABgGc2NoZW1hFQQAFQwlAhgFaW1hZ2UANQIYBWxhYmVsFQIVBkw8AAAANQQYBGxpc3QVAgAVAiUCGAdlbGVtZW50ABYEGRwZLCYAHBUMGSUGABkYBWltYWdlFQAWBBZGFkYmCEkcFQAVABUCADwWBBkGGSYABAAAACYAHBUCGSUGABk4BWxhYmVsBGxpc3QHZWxlbWVudBUAFgYWVhZWJk5JHBUAFQAVAgA8KSYEAhlGAAAABgAAABacARYEJggWnAEAKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI1LjAuMRksHAAAHAAAAPMAAABQQVIx';

/** The same with two lists of pixels for pictures, and the labels 0 and 1. */
const listsOfPixels =
  'UEFSMRUAFTAVMCwVBhUAFQYVBhwAAAACAAAAAwICAAAABgMAAAAACQAAAAcAAAAVABUsFSwsFQQVABUGFQYcAAAAAgAAAAQBAAAAAAAAAAABAAAAAAAAABUEGVw1ABgGc2NoZW1hFQQANQIYBWltYWdlFQIVBkw8AAAANQQYBGxpc3QVAgAVAiUCGAdlbGVtZW50JRZMrBMIEgAAABUEJQIYBWxhYmVsABYEGRwZLCYAHBUCGSUGABk4BWltYWdlBGxpc3QHZWxlbWVudBUAFgYWVhZWJghJHBUAFQAVAgA8KSYEAhlGAAAABgAAACYAHBUEGSUGABkYBWxhYmVsFQAWBBZSFlImXkkcFQAVABUCADwpBhkmAAQAAAAWqAEWBCYIFqgBACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNS4wLjEZLBwAABwAAAD6AAAAUEFSMQ==';

/** A Zstandard frame (RFC 8878) of stored blocks. */
function zstdStored(bytes: Uint8Array): Uint8Array {
  const out = [0x28, 0xb5, 0x2f, 0xfd, 0xa0, ...littleEndian(bytes.length, 4)];
  const most = 100_000;
  for (let at = 0; at < bytes.length; at += most) {
    const block = bytes.subarray(at, at + most);
    const last = at + most >= bytes.length ? 1 : 0;
    out.push(...littleEndian((block.length << 3) | last, 3), ...block);
  }
  return Uint8Array.from(out);
}

/** An LZ4 block of literals. */
function lz4Stored(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 15) return Uint8Array.from([bytes.length << 4, ...bytes]);
  const rest = bytes.length - 15;
  const lengths = [...Array.from({ length: Math.floor(rest / 255) }, () => 255), rest % 255];
  return Uint8Array.from([0xf0, ...lengths, ...bytes]);
}

function littleEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => (value >>> (8 * i)) & 0xff);
}

describe('Parquet', () => {
  test.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD', 'LZ4_RAW'] as const)(
    'of Hugging Face is read when packed with %s',
    async (codec) => {
      const { report, dataset } = await loaded([
        file('test-00000-of-00001.parquet', table({ rows: 30, codec })),
        file('train-00000-of-00001.parquet', table({ codec })),
      ]);
      expect(report).toMatchObject({ outcome: 'loaded', format: 'Parquet', train: 60, test: 30 });
      expect(report.classes).toEqual(dogs);
      expect(report.shape).toEqual([8, 8, 3]);
      // Red is the pattern of the picture's number; rows are in their order.
      expect(dataset.train.images[7 * 192]).toBe(pixel(7, 0));
      expect(dataset.train.labels.slice(0, 4)).toEqual(Int32Array.from([0, 1, 2, 0]));
    },
  );

  test('is read in a zip and in a tar, its shards joined in the order of their names', async () => {
    const shards = {
      'data/train-00001-of-00002.parquet': table({ rows: 20, cell: (n) => picture(100 + n) }),
      'data/train-00000-of-00002.parquet': table({ rows: 20 }),
      'data/validation-00000-of-00001.parquet': table({ rows: 20, cell: (n) => picture(200 + n) }),
    };
    for (const packed of [file('set.zip', zip(shards)), file('set.tar', tar(shards))]) {
      const { report, dataset } = await loaded([packed]);
      expect([report.train, report.test]).toEqual([40, 20]);
      expect(dataset.train.images[0]).toBe(pixel(0, 0));
      expect(dataset.train.images[20 * 192]).toBe(pixel(100, 0));
      expect(report.warnings.join()).toContain('validation images are used for testing');
    }
  });

  test('takes texts, numbers without names and other column names', async () => {
    const texts = await loaded([
      file('a', table({ names: null, labelOf: (n) => ['Ωmega', '__proto__'][n % 2]! })),
    ]);
    expect(texts.report.classes).toEqual(['__proto__', 'Ωmega']);
    const numbers = await loaded([
      file('a', table({ names: null, image: 'img', label: 'target', labelOf: (n) => BigInt(n % 2) * 7n })),
    ]);
    expect(numbers.report.classes).toEqual(['0', '7']);
  });

  test('finds pictures and labels in columns of any name', async () => {
    const bare = parquetWriteBuffer({
      columnData: [
        { name: 'x', data: Array.from({ length: 20 }, (_, n) => picture(n)), type: 'BYTE_ARRAY' },
        { name: 'what', data: Array.from({ length: 20 }, (_, n) => n % 2), type: 'INT32' },
      ],
    });
    expect((await loaded([file('a', new Uint8Array(bare))])).report.classes).toEqual(['0', '1']);
  });

  test('offers the other labels', async () => {
    const bytes = table({
      label: 'fine_label',
      more: [
        { name: 'coarse_label', type: 'INT64', data: Array.from({ length: 60 }, (_, n) => BigInt(n % 2)) },
      ],
    });
    const { report } = await loaded([file('a', bytes)]);
    expect(report.classes).toEqual(dogs);
    expect(report.guesses.find(({ id }) => id === 'labels')).toMatchObject({
      value: 'fine_label',
      options: [{ value: 'fine_label' }, { value: 'coarse_label' }],
    });
    const coarse = await loaded([file('a', bytes)], { choices: { labels: 'coarse_label' } });
    expect(coarse.report.classes).toEqual(['0', '1']);
  });

  test('leaves out empty cells, missing labels and what is no picture, by row', async () => {
    const bytes = table({
      cell: (n) => (n === 3 ? null : n === 4 ? text('<svg/>') : picture(n)),
      labelOf: (n) => (n === 5 ? null : n === 6 ? -1n : BigInt(n % 3)),
    });
    const { report } = await loaded([file('a.parquet', bytes)]);
    expect(report.outcome).toBe('partial');
    expect(report.skipped).toEqual([
      { where: 'a.parquet, row 4', why: 'holds no picture' },
      { where: 'a.parquet, row 6', why: 'has no label' },
      { where: 'a.parquet, row 7', why: 'has no label' },
      { where: 'a.parquet, row 5', why: expect.stringContaining('SVG') as string },
    ]);
    expect(report.train + report.test).toBe(56);
  });

  test('says when a picture is only a path, and when an image has several labels', async () => {
    const paths = table({ cell: (n) => (n < 2 ? '/etc/passwd' : picture(n)) });
    const { report } = await loaded([file('a.parquet', paths)]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 2 });
    expect(report.skipped[0]!.why).toContain('only the path of a picture, which is not followed');
    const written = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const lists = await refused([file('a.parquet', written(severalLabels))]);
    expect(lists.message).toContain('a.parquet, row 1 has a list where its one label belongs');
    const pixels = await refused([file('a.parquet', written(listsOfPixels))]);
    expect(pixels.message).toContain(
      'a.parquet, row 1 holds a list of numbers where an encoded picture belongs',
    );
  });

  test('leaves out a damaged row group', async () => {
    const bytes = table({ codec: 'GZIP' });
    // Within the pictures of the first group.
    bytes.fill(0xaa, 60, 160);
    const { report } = await loaded([file('a', bytes)]);
    expect(report).toMatchObject({ outcome: 'partial', skippedCount: 25 });
    expect(report.skipped[0]!.where).toContain('row group 1 (rows 1 to 25)');
  });

  test.each<[string, (bytes: Bytes) => Bytes, RegExp]>([
    ['cut off', (bytes) => bytes.slice(0, bytes.length - 9), /cut off/],
    [
      'with a table of contents longer than itself',
      (bytes) => {
        bytes.set([0xff, 0xff, 0xff, 0x7f], bytes.length - 8);
        return bytes;
      },
      /longer than the file/,
    ],
    [
      'with a table of contents that is noise',
      (bytes) => bytes.fill(0x5a, bytes.length - 200, bytes.length - 8),
      /damaged/,
    ],
    ['that is all noise', (bytes) => bytes.fill(0xc3, 4, bytes.length - 4), /damaged/],
  ])('%s is refused', async (_, spoil, message) => {
    const report = await refused([file('a.parquet', spoil(table()))]);
    expect(report).toMatchObject({ format: 'Parquet' });
    expect(report.message).toMatch(message);
  });

  test('whose row groups lie over each other is refused before any is read', async () => {
    const whole = table({ rows: 20, codec: 'UNCOMPRESSED' });
    const metadata = parquetMetadata(whole.buffer, { geoparquet: false });
    const [group] = metadata.row_groups;
    metadata.row_groups = Array.from({ length: 50 }, () => group!);
    metadata.num_rows = 1000n;
    const footer = new ByteWriter();
    writeMetadata(footer, metadata);
    footer.appendBytes(text('PAR1'));
    const end = whole.length - 8 - new DataView(whole.buffer).getUint32(whole.length - 8, true);
    const report = await refused([file('a.parquet', joined(whole.subarray(0, end), footer.getBytes()))]);
    expect(report.message).toContain('names the same bytes several times');
  });

  test('with pictures but without labels is refused and says so', async () => {
    const nameless = parquetWriteBuffer({
      columnData: [
        { name: 'image', data: [picture(1), picture(2)], type: 'BYTE_ARRAY' },
        { name: 'height', data: [1, 2], type: 'INT32' },
        { name: 'width', data: [1, 2], type: 'INT32' },
      ],
    });
    expect((await refused([file('a', new Uint8Array(nameless))])).message).toContain('no column of labels');
  });

  test('without pictures is a table of columns, with the names of its classes', async () => {
    const rows = Array.from({ length: 60 }, (_, n) => n);
    const features = { label: { _type: 'ClassLabel', names: dogs } };
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'size', data: rows.map((n) => (n % 6 === 0 ? null : n / 4)), type: 'DOUBLE', nullable: true },
        { name: 'colour', data: rows.map((n) => ['red', 'blue'][n % 2]), type: 'STRING' },
        { name: 'wild', data: rows.map((n) => n % 3 === 0), type: 'BOOLEAN' },
        { name: 'label', data: rows.map((n) => BigInt(n % 3)), type: 'INT64' },
      ],
      kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
    });
    const { report, dataset } = await loadedSet([file('pets.parquet', new Uint8Array(bytes))]);
    expect(report).toMatchObject({ format: 'Parquet', classes: dogs, train: 48, test: 12, shape: null });
    expect(dataset.inputs).toEqual({
      input: {
        kind: 'vector',
        names: ['size', 'size is missing', 'colour = blue', 'colour = red', 'wild = false', 'wild = true'],
        columns: [
          { name: 'size', use: 'number', median: 7.5 },
          { name: 'colour', use: 'category', values: ['blue', 'red'], gaps: false },
          { name: 'wild', use: 'category', values: ['false', 'true'], gaps: false },
        ],
      },
    });
    const { message } = await refused([file('a', new Uint8Array(bytes))], { limits: { tableRows: 50 } });
    expect(message).toContain('60 rows; the limit is 50');
  });

  test('keeps the limits of images and of unpacked bytes', async () => {
    expect((await refused([file('a', table())], { limits: { images: 50 } })).message).toContain(
      'the limit is 50',
    );
    expect((await refused([file('a', table())], { limits: { unpackedBytes: 500 } })).message).toContain(
      'unpack to more than 500 bytes',
    );
  });

  test('survives bytes being changed anywhere', async () => {
    const bytes = table({ rows: 30, groupRows: 10, codec: 'UNCOMPRESSED' });
    for (let at = 4; at < bytes.length; at += isLong ? 7 : 29) {
      const spoilt = bytes.slice();
      spoilt[at] = spoilt[at]! ^ 0x41;
      const { report, dataset } = await load([file('a.parquet', spoilt)]);
      expect(report.message).not.toContain('error in this page');
      expect(dataset === null).toBe(report.outcome === 'refused');
    }
  });
});
