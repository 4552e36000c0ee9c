import {
  binary,
  CompressionType,
  int64,
  setCompressionCodec,
  tableFromArrays,
  tableToIPC,
  utf8,
} from '@uwdata/flechette';
import { expect, test } from 'vitest';
import { isLong } from '../../support/long';
import { unpackLz4Frame } from '../../../src/data/containers/lz4-frame';
import { file, joined, load, loaded, loadedSet, picture, refused, zip, type Bytes } from './builders';

interface Made {
  rows?: number;
  format?: 'stream' | 'file';
  packed?: boolean;
}

/** A file as the `datasets` library of Hugging Face writes it. */
function pictures({ rows = 30, format = 'stream', packed = false }: Made = {}): Bytes {
  const table = tableFromArrays(
    {
      image: Array.from({ length: rows }, (_, n) => picture(n)),
      label: Array.from({ length: rows }, (_, n) => BigInt(n % 2)),
    },
    { types: { image: binary(), label: int64() }, useBigInt: true },
  );
  const features = { image: { _type: 'Image' }, label: { _type: 'ClassLabel', names: ['cat', 'dog'] } };
  table.schema.metadata = new Map([['huggingface', JSON.stringify({ info: { features } })]]);
  if (packed)
    setCompressionCodec(CompressionType.LZ4_FRAME, { encode: lz4OfPeriod16, decode: (bytes) => bytes });
  return tableToIPC(table, { format, ...(packed ? { codec: CompressionType.LZ4_FRAME } : {}) }) as Bytes;
}

/** An LZ4 frame of bytes that repeat every sixteen; other bytes as they are. */
function lz4OfPeriod16(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 64 || bytes.some((byte, i) => i >= 16 && byte !== bytes[i - 16])) return bytes;
  const match = bytes.length - 16 - 5 - 4 - 15;
  const longer = [...Array.from({ length: Math.floor(match / 255) }, () => 255), match % 255];
  const block = [0xff, 1, ...bytes.subarray(0, 16), 16, 0, ...longer, 0x50, ...bytes.subarray(-5)];
  return frame(block);
}

/** An LZ4 frame of blocks. */
function frame(...blocks: number[][]): Uint8Array {
  const sized = blocks.flatMap((block) => [...new Uint8Array(Uint32Array.of(block.length).buffer), ...block]);
  return Uint8Array.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0, ...sized, 0, 0, 0, 0]);
}

test.each<Made>([{}, { format: 'file' }, { format: 'file', packed: true }])(
  'reads pictures with the names of their classes: %o',
  async (made) => {
    const { report, dataset } = await loaded([file('data-00000-of-00001.arrow', pictures(made))]);
    expect(report).toMatchObject({
      outcome: 'loaded',
      format: 'Arrow',
      shape: [8, 8, 3],
      classes: ['cat', 'dog'],
      train: 24,
      test: 6,
    });
    expect(dataset.train.images.length).toBe(24 * 192);
  },
);

test('reads what save_to_disk writes, with its splits', async () => {
  const saved = zip({
    'set/dataset_dict.json': new TextEncoder().encode('{"splits": ["train", "test"]}'),
    'set/train/data-00000-of-00001.arrow': pictures(),
    'set/train/state.json': new TextEncoder().encode('{}'),
    'set/test/data-00000-of-00001.arrow': pictures({ rows: 10 }),
  });
  const { report } = await loaded([file('set.zip', saved)]);
  expect(report).toMatchObject({ train: 30, test: 10, format: 'Arrow in a zip', classes: ['cat', 'dog'] });
});

test('reads columns of values, and lists of them as texts', async () => {
  const table = tableFromArrays(
    {
      size: Array.from({ length: 40 }, (_, n) => (n % 4) + n / 100),
      colour: Array.from({ length: 40 }, (_, n) => (n % 2 ? 'red' : 'blue')),
      kind: Array.from({ length: 40 }, (_, n) => (n % 4 < 2 ? 'a' : 'b')),
    },
    { types: { kind: utf8() } },
  );
  const { report } = await loadedSet([file('t.feather', tableToIPC(table, { format: 'file' }) as Bytes)]);
  expect(report).toMatchObject({ format: 'Arrow', train: 32, test: 8, classes: ['a', 'b'], shape: null });
});

test('refuses what is cut off, damaged, too long or of the first version', async () => {
  const whole = pictures();
  expect((await refused([file('a.arrow', whole.subarray(0, whole.length - 600))])).message).toBe(
    'a.arrow is an Arrow file that ends too early: it was cut off; download or copy it again.',
  );
  expect((await refused([file('a.arrow', whole)], { limits: { tableRows: 20 } })).message).toContain(
    '30 rows; the limit is 20',
  );
  const old = joined(new TextEncoder().encode('FEA1'), new Uint8Array(40));
  expect((await refused([file('a.feather', old)])).message).toContain('Feather file of version 1');
});

test('survives bytes being changed anywhere', async () => {
  const bytes = pictures({ rows: 6, format: 'file', packed: true });
  for (let at = 6; at < bytes.length; at += isLong ? 1 : 11) {
    const spoilt = bytes.slice();
    spoilt[at] = spoilt[at]! ^ 0xc1;
    const { report, dataset } = await load([file('a.arrow', spoilt)]);
    expect(report.message).not.toContain('error in this page');
    expect(dataset === null).toBe(report.outcome === 'refused');
  }
});

test('LZ4 blocks repeat what blocks before them hold; damaged ones are noticed', () => {
  // "abc", then 9 bytes from 3 back, and in a second block 4 from 12 back and "xyzxy".
  const blocks = [
    [0x35, 97, 98, 99, 3, 0],
    [0x00, 12, 0, 0x50, 120, 121, 122, 120, 121],
  ];
  const unpacked = new TextDecoder().decode(unpackLz4Frame(frame(...blocks), 21));
  expect(unpacked).toBe('abcabcabcabcabcaxyzxy');
  expect(() => unpackLz4Frame(frame(...blocks), 20)).toThrow(RangeError);
  expect(() => unpackLz4Frame(frame([0x00, 12, 0]), 4)).toThrow(RangeError);
  expect(() => unpackLz4Frame(frame(...blocks).subarray(0, 20), 21)).toThrow(RangeError);
});
