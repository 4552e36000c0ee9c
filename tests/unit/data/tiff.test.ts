import { zlibSync } from 'fflate';
import { expect, test } from 'vitest';
import { pictureKind, pictureSize } from '../../../src/data/picture-header';
import { decodeTiff } from '../../../src/data/tiff';
import { file, joined, loaded, zip, type Bytes } from './builders';

interface Made {
  bits?: number;
  samples?: number;
  /** 0 and 1 grey, 2 colour, 3 palette. */
  type?: number;
  big?: boolean;
  /** Numbers of tags to values, in place of or beside the usual ones. */
  tags?: Record<number, number | number[]>;
  pack?: (bytes: Uint8Array) => Uint8Array;
}

/** A TIFF of one strip with `values` [height*width*samples], its tags behind them as most writers have it. */
function tiff(width: number, height: number, values: ArrayLike<number>, made: Made = {}): Bytes {
  const { bits = 8, samples = 1, type = 1, big = false, tags = {}, pack = (bytes) => bytes } = made;
  const raw = new Uint8Array((values.length * bits) / 8);
  const view = new DataView(raw.buffer);
  for (let i = 0; i < values.length; i++)
    if (bits === 16) view.setUint16(2 * i, values[i]!, !big);
    else raw[i] = values[i]!;
  const strip = pack(raw);
  const all: Record<number, number | number[]> = {
    256: width,
    257: height,
    258: bits,
    259: 1,
    262: type,
    273: 8,
    277: samples,
    278: height,
    279: strip.length,
    ...tags,
  };
  const entries = Object.entries(all);
  const list = 8 + strip.length;
  let far = list + 2 + 12 * entries.length + 4;
  const head = new DataView(new ArrayBuffer(8));
  head.setUint16(0, big ? 0x4d4d : 0x4949);
  head.setUint16(2, 42, !big);
  head.setUint32(4, list, !big);
  const table = new DataView(new ArrayBuffer(2 + 12 * entries.length + 4));
  table.setUint16(0, entries.length, !big);
  const behind: Uint8Array[] = [];
  entries.forEach(([tag, value], i) => {
    const at = 2 + 12 * i;
    const numbers = Array.isArray(value) ? value : [value];
    table.setUint16(at, Number(tag), !big);
    table.setUint16(at + 2, numbers.length > 1 ? 3 : 4, !big);
    table.setUint32(at + 4, numbers.length, !big);
    if (numbers.length === 1) table.setUint32(at + 8, numbers[0]!, !big);
    else {
      table.setUint32(at + 8, far, !big);
      const far16 = new DataView(new ArrayBuffer(2 * numbers.length));
      numbers.forEach((number, n) => far16.setUint16(2 * n, number, !big));
      behind.push(new Uint8Array(far16.buffer));
      far += 2 * numbers.length;
    }
  });
  return joined(new Uint8Array(head.buffer), strip, new Uint8Array(table.buffer), ...behind);
}

const colours = [255, 0, 0, 0, 128, 0, 0, 0, 64, 10, 20, 30];

async function pixels(bytes: Uint8Array): Promise<number[]> {
  return [...(await decodeTiff(bytes)).rgba];
}

test('decodes grey, colour, opacity, palettes and 16 bits in either order of bytes', async () => {
  const rgb = [255, 0, 0, 255, 0, 128, 0, 255, 0, 0, 64, 255, 10, 20, 30, 255];
  expect(await pixels(tiff(2, 2, colours, { samples: 3, type: 2 }))).toEqual(rgb);
  expect(
    await pixels(tiff(2, 2, colours, { samples: 3, type: 2, pack: zlibSync, tags: { 259: 8 } })),
  ).toEqual(rgb);
  const grey = (values: number[]) => values.flatMap((value) => [value, value, value, 255]);
  expect(await pixels(tiff(2, 1, [7, 250]))).toEqual(grey([7, 250]));
  expect(await pixels(tiff(2, 1, [7, 250], { type: 0 }))).toEqual(grey([248, 5]));
  for (const big of [false, true])
    expect(await pixels(tiff(2, 1, [257 * 7, 65_535], { bits: 16, big }))).toEqual(grey([7, 255]));
  const opaque = { samples: 4, type: 2, tags: { 338: 2 } };
  expect(await pixels(tiff(1, 1, [1, 2, 3, 4], opaque))).toEqual([1, 2, 3, 4]);
  const map = Array.from({ length: 768 }, (_, i) => (i % 256 === 5 ? 257 * (1 + Math.floor(i / 256)) : 0));
  expect(await pixels(tiff(1, 1, [5], { type: 3, tags: { 320: map } }))).toEqual([1, 2, 3, 255]);
});

test('says what a TIFF has that is not read, and that one is damaged', async () => {
  const whole = tiff(2, 2, colours, { samples: 3, type: 2 });
  const cases: [Uint8Array, RegExp][] = [
    [tiff(1, 1, Array(13).fill(9), { samples: 13, tags: { 338: Array(12).fill(0) } }), /with 13 channels/],
    [tiff(2, 2, colours, { samples: 3, type: 2, tags: { 259: 7 } }), /packed with JPEG,/],
    [tiff(2, 2, colours, { samples: 3, type: 2, tags: { 259: 32_773 } }), /packed with PackBits/],
    [tiff(2, 2, colours, { samples: 3, type: 2, tags: { 284: 2 } }), /one plane for each colour/],
    [tiff(2, 2, colours, { samples: 3, type: 6 }), /rare space of colours/],
    [tiff(1, 1, [9], { bits: 16, tags: { 339: 2 } }), /numbers with a sign/],
    [tiff(2, 2, colours, { samples: 3, type: 2, tags: { 274: 6 } }), /lies turned/],
    [tiff(2, 2, colours, { samples: 3, type: 2, tags: { 273: 90_000 } }), /damaged TIFF/],
    // A list of tags that names itself as a list inside it.
    [tiff(2, 2, colours, { samples: 3, type: 2, tags: { 34_665: 20 } }), /damaged TIFF/],
    [whole.subarray(0, 60), /damaged TIFF/],
    [whole.subarray(0, 10), /damaged TIFF/],
  ];
  for (const [bytes, why] of cases) await expect(decodeTiff(bytes)).rejects.toThrow(why);
  expect(pictureKind(whole)).toBe('TIFF');
  expect(pictureSize('TIFF', whole)).toEqual({ width: 2, height: 2 });
  expect(pictureSize('TIFF', whole.subarray(0, 30))).toBeNull();
});

test('imports class folders of TIFFs', async () => {
  const entries: Record<string, Uint8Array> = {};
  for (let n = 0; n < 10; n++)
    for (const kind of ['dark', 'light']) {
      const values = Array.from(
        { length: 300 },
        (_, i) => (kind === 'dark' ? 0 : 128) + ((i * (n + 3)) % 97),
      );
      entries[`${kind}/${n}.tif`] = tiff(10, 10, values, { samples: 3, type: 2 });
    }
  entries['light/cut.tif'] = entries['light/3.tif']!.subarray(0, 200);
  const { report, dataset } = await loaded([file('land.zip', zip(entries))]);
  expect(report).toMatchObject({ train: 16, test: 4, shape: [10, 10, 3], classes: ['dark', 'light'] });
  expect(report.skipped).toMatchObject([{ why: 'is damaged: its header states no size' }]);
  expect(Math.max(...dataset.train.images.subarray(0, 300))).toBeLessThan(97);
});

test('16 bits that hold 12 are shown in their range, one for the whole set', async () => {
  const entries = Object.fromEntries(
    Array.from({ length: 10 }, (_, n) => {
      const values = Array.from({ length: 64 }, (_unused, i) => (i === n ? 100 * n + 2000 : 16 * i));
      return [`${n < 5 ? 'cat' : 'dog'}/${n}.tif`, tiff(8, 8, values, { bits: 16 })];
    }),
  );
  const { report, dataset } = await loaded([file('set.zip', zip(entries))]);
  expect(report.warnings.join()).toContain('4,095 was taken as white');
  expect(dataset.train.images[63]).toBe(Math.round((63 * 16 * 255) / 4095));
  const dark = await loaded([file('set.zip', zip(entries))], { choices: { values: '65535' } });
  expect(dark.dataset.train.images[63]).toBe(Math.round((63 * 16 * 255) / 65_535));
});
