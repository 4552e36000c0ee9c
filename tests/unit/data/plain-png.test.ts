import { deflateSync, zlibSync } from 'fflate';
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../../src/data/containers/crc32';
import { inflateInto } from '../../../src/data/containers/inflate';
import { decodePlainPng } from '../../../src/data/plain-png';
import { encodePng } from '../../../src/data/png';
import { RandomStream } from '../../../src/random/streams';

const random = RandomStream.fork(1, 'png');

/** Bytes that pack in different ways: noise, runs, text-like. */
const kinds: Record<string, (length: number) => Uint8Array> = {
  noise: (length) => Uint8Array.from({ length }, () => Math.floor(random.uniform() * 256)),
  runs: (length) => Uint8Array.from({ length }, (_, i) => (i >> 6) & 255),
  skewed: (length) => Uint8Array.from({ length }, () => Math.floor(256 * random.uniform() ** 12)),
  periodic: (length) => Uint8Array.from({ length }, (_, i) => (i % 31) * (i % 7)),
};

describe('unpacking deflate into given memory', () => {
  for (const [kind, make] of Object.entries(kinds))
    test.each([0, 1, 300, 40_000, 200_000])(`gives back ${kind} of %i bytes`, (length) => {
      const bytes = make(length);
      const { Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;
      const ways = [
        ...([0, 1, 6, 9] as const).map((level) => deflateSync(bytes, { level })),
        ...[Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE].map((strategy) => deflateRawSync(bytes, { strategy })),
      ];
      for (const packed of ways) {
        const out = new Uint8Array(length);
        expect(inflateInto(packed, out)).toBe(length);
        expect(Buffer.compare(out, bytes)).toBe(0);
        expect(inflateInto(packed, new Uint8Array(length + 5))).toBe(length);
        if (length > 0) expect(inflateInto(packed, new Uint8Array(length - 1))).toBe(Infinity);
      }
    });

  test('a stream that is cut off anywhere throws', () => {
    const packed = deflateSync(kinds.skewed!(3000));
    for (let end = 0; end < packed.length; end += 7)
      expect(() => inflateInto(packed.subarray(0, end), new Uint8Array(3000))).toThrow();
  });

  test('a stream with any byte changed ends, with an error or other bytes but for bits that mean nothing', () => {
    const bytes = kinds.skewed!(600);
    const packed = deflateSync(bytes);
    let noticed = 0;
    for (let i = 0; i < packed.length; i++) {
      const damaged = packed.slice();
      damaged[i]! ^= 1 << (i % 8);
      const out = new Uint8Array(600);
      try {
        if (inflateInto(damaged, out) !== 600 || crc32(out) !== crc32(bytes)) noticed++;
      } catch {
        noticed++;
      }
    }
    expect(packed.length - noticed).toBeLessThan(4);
  });
});

/** A PNG as the specification has it, row by row with the given filters. */
function png(
  width: number,
  height: number,
  type: number,
  pixels: Uint8Array,
  { filters = [0], chunks = [] as [string, Uint8Array][], depth = 8, interlace = 0, parts = 1 } = {},
): Uint8Array {
  const apart = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[type]!;
  const rowLength = width * apart;
  const rows = new Uint8Array(height * (rowLength + 1));
  const at = (x: number, y: number) => (x < 0 || y < 0 ? 0 : pixels[y * rowLength + x]!);
  for (let y = 0; y < height; y++) {
    const filter = filters[y % filters.length]!;
    rows[y * (rowLength + 1)] = filter;
    for (let x = 0; x < rowLength; x++) {
      const [a, b, c] = [at(x - apart, y), at(x, y - 1), x < apart ? 0 : at(x - apart, y - 1)];
      const p = a + b - c;
      const nearest = [a, b, c].reduce((best, one) => (Math.abs(p - one) < Math.abs(p - best) ? one : best));
      rows[y * (rowLength + 1) + 1 + x] =
        pixels[y * rowLength + x]! - [0, a, b, Math.floor((a + b) / 2), nearest][filter]!;
    }
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, type, 0, 0, interlace], 8);
  const packed = zlibSync(rows);
  const step = Math.ceil(packed.length / parts);
  const data = Array.from({ length: parts }, (_, i) => packed.subarray(i * step, (i + 1) * step));
  const all: [string, Uint8Array][] = [
    ['IHDR', header],
    ...chunks,
    ...data.map((part): [string, Uint8Array] => ['IDAT', part]),
    ['IEND', new Uint8Array(0)],
  ];
  const bytes = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  for (const [name, content] of all) {
    const body = Uint8Array.from([...new TextEncoder().encode(name), ...content]);
    const sum = crc32(body);
    const four = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
    bytes.push(...four(content.length), ...body, ...four(sum));
  }
  return Uint8Array.from(bytes);
}

const decoded = (bytes: Uint8Array, largest = 512) => {
  const picture = decodePlainPng(bytes, largest);
  return picture && { ...picture, rgba: [...picture.rgba] };
};

describe('decoding a plain PNG', () => {
  test.each([
    ['grey', 0, 1],
    ['colour', 2, 3],
    ['grey with opacity', 4, 2],
    ['colour with opacity', 6, 4],
  ])('%s, with every filter and in several pieces', (_name, type, channels) => {
    const pixels = kinds.noise!(9 * 11 * channels);
    const rgba = Array.from({ length: 9 * 11 }, (_, i) => {
      const one = [...pixels.subarray(i * channels, (i + 1) * channels)];
      const opacity = channels % 2 === 0 ? one.pop()! : 255;
      return [...(one.length === 1 ? [one[0]!, one[0]!, one[0]!] : one), opacity];
    }).flat();
    for (const filters of [[0], [1], [2], [3], [4], [4, 3, 2, 1, 0]])
      expect(decoded(png(9, 11, type, pixels, { filters, parts: 1 + filters.length }))).toEqual({
        width: 9,
        height: 11,
        rgba,
      });
  });

  test('colours of a palette, some of them transparent', () => {
    const chunks: [string, Uint8Array][] = [
      ['PLTE', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)],
      ['tRNS', Uint8Array.of(0, 128)],
    ];
    const picture = decoded(png(3, 1, 3, Uint8Array.of(2, 0, 1), { chunks }));
    expect(picture?.rgba).toEqual([7, 8, 9, 255, 1, 2, 3, 0, 4, 5, 6, 128]);
    expect(decoded(png(1, 1, 3, Uint8Array.of(3), { chunks }))).toBeNull();
    expect(decoded(png(1, 1, 3, Uint8Array.of(0)))).toBeNull();
  });

  test('of a photograph as the page itself writes it', () => {
    const pixels = kinds.noise!(32 * 32 * 3);
    const picture = decoded(encodePng(pixels, { height: 32, width: 32 }, 3))!;
    expect(picture.rgba.filter((_, i) => i % 4 < 3)).toEqual([...pixels]);
  });

  test('whatever else a PNG may be is left to a full decoder', () => {
    const grey = Uint8Array.of(1, 2, 3, 4);
    expect(decoded(png(2, 2, 0, grey))).not.toBeNull();
    const others = [
      png(2, 2, 0, grey, { depth: 16 }),
      png(2, 2, 0, grey, { interlace: 1 }),
      png(2, 2, 0, grey, { chunks: [['tRNS', Uint8Array.of(0, 1)]] }),
      png(2, 2, 0, grey, { chunks: [['acTL', new Uint8Array(8)]] }),
      png(2, 2, 0, grey, { chunks: [['eXIf', new Uint8Array(8)]] }),
      png(200, 200, 0, new Uint8Array(40_000)),
      Uint8Array.of(0xff, 0xd8, 0xff, 0xe0),
    ];
    for (const bytes of others) expect(decoded(bytes)).toBeNull();
    expect(decoded(png(9, 2, 0, new Uint8Array(18)), 8)).toBeNull();
  });

  test('a file that is cut off or damaged anywhere is left to a full decoder', () => {
    const whole = png(5, 5, 2, kinds.noise!(75), { filters: [4] });
    for (let end = 0; end < whole.length; end++) expect(decoded(whole.subarray(0, end))).toBeNull();
    for (let i = 8; i < whole.length; i++) {
      const damaged = whole.slice();
      damaged[i]! ^= 16;
      expect(decoded(damaged)).toBeNull();
    }
  });
});
