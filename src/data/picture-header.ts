/** Kind and size of a picture from its first bytes, without decoding it. */
import { netpbmHeader } from './netpbm';
import type { Size } from './resize';
import { isTiff, tiffSize } from './tiff';

export type PictureKind = 'PNG' | 'JPEG' | 'GIF' | 'WebP' | 'BMP' | 'AVIF' | 'TIFF' | 'Netpbm';

export function pictureKind(head: Uint8Array): PictureKind | null {
  if (starts(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'PNG';
  if (starts(head, [0xff, 0xd8, 0xff])) return 'JPEG';
  const text = String.fromCharCode(...head.subarray(0, 12));
  if (/^GIF8[79]a/.test(text)) return 'GIF';
  if (/^RIFF.{4}WEBP/s.test(text)) return 'WebP';
  if (/^.{4}ftypavi[fs]/s.test(text)) return 'AVIF';
  // "BM" may start any text; the size of the second header confirms it.
  if (text.startsWith('BM') && [12, 40, 52, 56, 64, 108, 124].includes(head[14]!) && head[15] === 0)
    return 'BMP';
  if (isTiff(head)) return 'TIFF';
  return netpbmHeader(head) ? 'Netpbm' : null;
}

/**
 * The size of the picture when shown upright, from its header; null when the header is damaged or longer than `head`.
 */
export function pictureSize(kind: PictureKind, head: Uint8Array): Size | null {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  try {
    const size = readers[kind](view);
    return size && size.width > 0 && size.height > 0 ? size : null;
  } catch (error) {
    // Thrown by reads past the end of a short head.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const readers: Record<PictureKind, (view: DataView) => Size | null> = {
  PNG: (view) => ({ width: view.getUint32(16), height: view.getUint32(20) }),
  GIF: (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  BMP: (view) =>
    view.getUint8(14) === 12
      ? { width: view.getUint16(18, true), height: view.getUint16(20, true) }
      : { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) },
  JPEG: jpegSize,
  WebP: webpSize,
  AVIF: avifSize,
  TIFF: tiffSize,
  Netpbm: ({ buffer, byteOffset, byteLength }) =>
    netpbmHeader(new Uint8Array(buffer, byteOffset, byteLength)),
};

/**
 * Walks the segments to the start of frame. A picture taken upright may be stored rotated, with its orientation in an
 * Exif segment before.
 */
function jpegSize(view: DataView): Size | null {
  let at = 2;
  let lying = false;
  for (;;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      const [high, wide] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return lying ? { height: wide, width: high } : { height: high, width: wide };
    }
    // Markers without a length, such as restarts.
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) return null;
    const length = Math.max(2, view.getUint16(at + 2));
    if (marker === 0xe1) lying ||= isTurned(view, at + 4, at + 2 + length);
    at += 2 + length;
  }
}

/** Whether an Exif segment rotates the picture by a quarter turn (orientation 5 to 8). */
function isTurned(view: DataView, start: number, end: number): boolean {
  const mostTags = 200;
  if (end > view.byteLength || end - start < 14 || view.getUint32(start) !== 0x45786966) return false;
  // After "Exif" and two zeros comes a small TIFF: byte order, 42, offset of the first tag list.
  const tiff = start + 6;
  const little = view.getUint16(tiff) === 0x4949;
  const list = tiff + view.getUint32(tiff + 4, little);
  if (list + 2 > end) return false;
  const tags = Math.min(mostTags, view.getUint16(list, little));
  for (let tag = list + 2; tag < list + 2 + 12 * tags && tag + 12 <= end; tag += 12)
    if (view.getUint16(tag, little) === 0x0112) {
      const orientation = view.getUint16(tag + 8, little);
      return orientation >= 5 && orientation <= 8;
    }
  return false;
}

function webpSize(view: DataView): Size | null {
  const kind = String.fromCharCode(...[12, 13, 14, 15].map((at) => view.getUint8(at)));
  if (kind === 'VP8 ')
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (kind === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (kind !== 'VP8X') return null;
  const three = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;
  return { width: three(24) + 1, height: three(27) + 1 };
}

/** The largest "image spatial extents" box: a file may contain a thumbnail or tiles besides the picture. */
function avifSize(view: DataView): Size | null {
  let largest: Size | null = null;
  for (let at = 0; at + 16 <= view.byteLength; at++) {
    if (view.getUint32(at) !== 0x69737065) continue;
    const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest;
}

function starts(head: Uint8Array, bytes: readonly number[]): boolean {
  return bytes.every((byte, i) => head[i] === byte);
}
