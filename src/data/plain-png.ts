/**
 * Decodes the common small PNG (8 bits per channel, not interlaced). For a picture of a few kilobytes the browser's
 * decoder takes ten times as long and leaves objects behind that are larger than the picture. Filters and chunks
 * follow the specification (W3C, third edition).
 */
import { crc32 } from './containers/crc32';
import { inflateInto, isPlausiblyPacked } from './containers/inflate';
import type { DecodedImage } from './import-context';
import { pictureKind } from './picture-header';
import { ScratchBuffer } from './scratch-buffer';
import { joined } from '../numbers/joined';

/** Above this size the browser's decoder is faster. */
const mostPixels = 128 * 128;

const rowsRoom = new ScratchBuffer();
const rgbaRoom = new ScratchBuffer();

/** Channels by colour type; the third type is a palette. */
const channelsOf = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
]);

interface Chunks {
  header: DataView;
  palette: Uint8Array | null;
  /** Opacity of the palette's entries. */
  opacity: Uint8Array | null;
  data: Uint8Array[];
}

/**
 * Decodes a small plain PNG with no side above `largest`. Null for any other or damaged file, which is left to a full
 * decoder. The pixels are valid until the next call.
 */
export function decodePlainPng(bytes: Uint8Array, largest: number): DecodedImage | null {
  if (pictureKind(bytes) !== 'PNG') return null;
  const chunks = chunksOf(bytes);
  if (!chunks) return null;
  const { header } = chunks;
  const width = header.getUint32(0);
  const height = header.getUint32(4);
  const type = header.getUint8(9);
  const channels = channelsOf.get(type);
  const isPlain = header.getUint8(8) === 8 && header.getUint8(12) === 0 && (type === 3) === !!chunks.palette;
  if (!channels || !isPlain || (chunks.opacity && type !== 3)) return null;
  if (width === 0 || height === 0 || width * height > mostPixels) return null;
  if (Math.max(width, height) > largest) return null;
  const rows = unpacked(chunks.data, height * (1 + width * channels));
  if (!rows || !unfilter(rows, width * channels, height, channels)) return null;
  const { buffer, byteOffset, length } = rgbaRoom.of(width * height * 4);
  const rgba = new Uint8ClampedArray(buffer, byteOffset, length);
  const pixels = withoutFilters(rows, width * channels, height);
  if (type !== 3) spread(pixels, channels, rgba);
  else if (!look(pixels, chunks, rgba)) return null;
  return { width, height, rgba };
}

/** The needed chunks of a file whose checksums are correct; null otherwise, and for animated or rotated pictures. */
function chunksOf(bytes: Uint8Array): Chunks | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: Omit<Chunks, 'header'> = { palette: null, opacity: null, data: [] };
  let header: DataView | null = null;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) return null;
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) return null;
    const data = bytes.subarray(at + 8, end);
    switch (String.fromCharCode(...bytes.subarray(at + 4, at + 8))) {
      case 'IHDR':
        if (length !== 13) return null;
        header = new DataView(data.buffer, data.byteOffset, length);
        break;
      case 'PLTE':
        found.palette = data;
        break;
      case 'tRNS':
        found.opacity = data;
        break;
      case 'IDAT':
        found.data.push(data);
        break;
      case 'IEND':
        return header && { header, ...found };
      case 'acTL':
      case 'eXIf':
        return null;
    }
    at = end + 4;
  }
  return null;
}

/** The rows of a zlib stream (RFC 1950), each preceded by its filter type; null when the length is wrong. */
function unpacked(data: readonly Uint8Array[], length: number): Uint8Array | null {
  const packed = data.length === 1 ? data[0]! : joined(Uint8Array, data);
  const [method = 0, flags = 0] = packed;
  const isZlib = (method & 15) === 8 && (method * 256 + flags) % 31 === 0 && (flags & 32) === 0;
  if (!isZlib || !isPlausiblyPacked(packed.length, length)) return null;
  const rows = rowsRoom.of(length);
  try {
    return inflateInto(packed.subarray(2), rows) === length ? rows : null;
  } catch {
    return null;
  }
}

/** Undoes the filters in place; false for an unknown filter. */
function unfilter(rows: Uint8Array, rowLength: number, height: number, apart: number): boolean {
  for (let y = 0; y < height; y++) {
    const start = y * (rowLength + 1) + 1;
    const filter = rows[start - 1]!;
    if (filter > 4) return false;
    if (filter === 0) continue;
    for (let x = 0; x < rowLength; x++) {
      const left = x < apart ? 0 : rows[start + x - apart]!;
      const up = y === 0 ? 0 : rows[start + x - rowLength - 1]!;
      const corner = x < apart || y === 0 ? 0 : rows[start + x - rowLength - 1 - apart]!;
      rows[start + x]! += predicted(filter, left, up, corner);
    }
  }
  return true;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  return paeth(left, up, corner);
}

/** Paeth predictor: the neighbour nearest to left + up - corner; ties go to the first in this order. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** Removes the filter bytes, in place. */
function withoutFilters(rows: Uint8Array, rowLength: number, height: number): Uint8Array {
  for (let y = 0; y < height; y++)
    rows.copyWithin(y * rowLength, y * (rowLength + 1) + 1, (y + 1) * (rowLength + 1));
  return rows.subarray(0, height * rowLength);
}

/** Expands grey or RGB pixels, with or without alpha, to RGBA. */
function spread(pixels: Uint8Array, channels: number, rgba: Uint8ClampedArray): void {
  const green = channels > 2 ? 1 : 0;
  const hasOpacity = channels % 2 === 0;
  for (let from = 0, to = 0; from < pixels.length; from += channels, to += 4) {
    rgba[to] = pixels[from]!;
    rgba[to + 1] = pixels[from + green]!;
    rgba[to + 2] = pixels[from + 2 * green]!;
    rgba[to + 3] = hasOpacity ? pixels[from + channels - 1]! : 255;
  }
}

/** Looks up palette colours; false for an index outside the palette. */
function look(pixels: Uint8Array, { palette, opacity }: Chunks, rgba: Uint8ClampedArray): boolean {
  for (const [i, colour] of pixels.entries()) {
    if (!palette || 3 * colour + 3 > palette.length) return false;
    rgba.set(palette.subarray(3 * colour, 3 * colour + 3), 4 * i);
    rgba[4 * i + 3] = opacity?.[colour] ?? 255;
  }
  return true;
}
