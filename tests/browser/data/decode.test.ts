import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../../src/data/decode';
import { pictureKind, pictureSize } from '../../../src/data/picture-header';
import { painted, pattern } from './pictures';

const decode = (bytes: Uint8Array, largest = 512) =>
  decodeImage(new Blob([bytes as Uint8Array<ArrayBuffer>]), largest);

/** A BMP of 24 bits, rows from the bottom unless the height is negative. */
function bmp(width: number, height: number): Uint8Array {
  const row = Math.ceil((width * 3) / 4) * 4;
  const bytes = new Uint8Array(54 + row * Math.abs(height));
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  bytes.fill(200, 54);
  return bytes;
}

/** One pixel, 43 bytes. */
const gif = Uint8Array.from(atob('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'), (c) =>
  c.charCodeAt(0),
);

/** The same JPEG with a note on how the camera was held: 6 is on its side. */
function turned(jpeg: Uint8Array, orientation = 6, littleEndian = false): Uint8Array {
  const order = littleEndian ? 0x49 : 0x4d;
  const short = (value: number) => (littleEndian ? [value & 255, value >> 8] : [value >> 8, value & 255]);
  const long = (value: number) => (littleEndian ? [value, 0, 0, 0] : [0, 0, 0, value]);
  const tag = [...short(0x0112), ...short(3), ...long(1), ...short(orientation), 0, 0];
  const tiff = [order, order, ...short(42), ...long(8), ...short(1), ...tag, ...long(0)];
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  return Uint8Array.from([0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2, ...exif, ...jpeg.subarray(2)]);
}

describe('decoding', () => {
  test('gives the pixels of a PNG exactly', async () => {
    const { width, height, rgba } = await decode(await painted(9, 5, pattern(3)));
    expect([width, height]).toEqual([9, 5]);
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 9; x++)
        expect([...rgba.subarray((y * 9 + x) * 4, (y * 9 + x) * 4 + 4)]).toEqual(pattern(3)(x, y));
  });

  test('keeps opacity', async () => {
    const { rgba } = await decode(await painted(2, 1, (x) => [255, 0, 0, x === 0 ? 0 : 255]));
    expect([rgba[3], rgba[7]]).toEqual([0, 255]);
  });

  test('turns pictures upright', async () => {
    const jpeg = await painted(32, 16, (x) => (x < 16 ? [255, 255, 255, 255] : [0, 0, 0, 255]), 'image/jpeg');
    const { width, height, rgba } = await decode(turned(jpeg));
    expect([width, height]).toEqual([16, 32]);
    // Turned clockwise, what was left is above.
    expect(rgba[0]).toBeGreaterThan(200);
    expect(rgba[rgba.length - 4]).toBeLessThan(50);
  });

  test('scales down what is larger than wanted', async () => {
    const { width, height } = await decode(await painted(800, 400, pattern(1)), 100);
    expect([width, height]).toEqual([100, 50]);
  });

  test('rejects what is damaged or none', async () => {
    const png = await painted(9, 5, pattern(3));
    await expect(decode(png.subarray(0, 40))).rejects.toThrow();
    await expect(
      decode(new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>')),
    ).rejects.toThrow();
  });
});

describe('the header of a picture', () => {
  test.each(['image/png', 'image/jpeg', 'image/webp'])('of %s says its size', async (type) => {
    const bytes = await painted(23, 17, pattern(5), type);
    const kind = pictureKind(bytes)!;
    expect(`image/${kind.toLowerCase()}`).toBe(type);
    expect(pictureSize(kind, bytes)).toEqual({ width: 23, height: 17 });
    expect(pictureSize(kind, bytes.subarray(0, 14))).toBeNull();
  });

  test('of a WebP with opacity says its size', async () => {
    const bytes = await painted(23, 17, (x) => [x, x, x, x * 9], 'image/webp');
    expect(pictureSize('WebP', bytes)).toEqual({ width: 23, height: 17 });
  });

  test('of a JPEG from a camera says the size that it has upright', async () => {
    const jpeg = await painted(32, 16, pattern(1), 'image/jpeg');
    for (const littleEndian of [false, true])
      for (let orientation = 1; orientation <= 8; orientation++) {
        const bytes = turned(jpeg, orientation, littleEndian);
        const { width, height } = await decode(bytes);
        expect(pictureSize('JPEG', bytes)).toEqual({ width, height });
        expect(height).toBe(orientation >= 5 ? 32 : 16);
      }
  });

  test('of a JPEG with damaged notes says the size as stored', async () => {
    const bytes = turned(await painted(32, 16, pattern(1), 'image/jpeg'));
    // Where the first list of tags begins: far behind the end.
    bytes.set([0xff, 0xff, 0xff, 0xff], 16);
    expect(pictureSize('JPEG', bytes)).toEqual({ width: 32, height: 16 });
  });

  test('of BMP and GIF says what the browser decodes', async () => {
    for (const bytes of [bmp(10, 6), bmp(10, -6), gif]) {
      const { width, height } = await decode(bytes);
      expect(pictureSize(pictureKind(bytes)!, bytes)).toEqual({ width, height });
    }
  });
});
