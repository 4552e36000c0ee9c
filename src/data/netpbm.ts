/** PGM and PPM pictures of the Netpbm family (P2, P3, P5, P6), which browsers do not decode. */
import type { DecodedImage } from './import-context';
import { counted } from './limits';
import type { Size } from './resize';
import { Unreadable } from './source';

export interface NetpbmHeader extends Size {
  channels: 1 | 3;
  /** Numbers are written as text. */
  isText: boolean;
  /** The number that means white, 1..65,535. */
  white: number;
  /** Offset of the first pixel. */
  start: number;
}

/** White space and comments between the numbers of a header. */
const gap = String.raw`(?:\s|#[^\r\n]*[\r\n])+`;
const header = new RegExp(`^P([2356])${gap}(\\d{1,7})${gap}(\\d{1,7})${gap}(\\d{1,5})\\s`);
const longestHeader = 4096;

/** The header; null when the bytes do not begin with one, or when it states a size or a range that does not exist. */
export function netpbmHeader(bytes: Uint8Array): NetpbmHeader | null {
  if (bytes[0] !== 0x50 || bytes[1]! < 0x32 || bytes[1]! > 0x36 || bytes[1] === 0x34) return null;
  const found = header.exec(new TextDecoder('latin1').decode(bytes.subarray(0, longestHeader)));
  if (!found) return null;
  const [all, kind] = found;
  const [width, height, white] = found.slice(2).map(Number) as [number, number, number];
  if (width === 0 || height === 0 || white === 0 || white > 65_535) return null;
  const isText = kind === '2' || kind === '3';
  return {
    width,
    height,
    channels: kind === '2' || kind === '5' ? 1 : 3,
    isText,
    white,
    start: all.length,
  };
}

/**
 * Decodes a PGM or PPM picture; null for bytes of another kind. Throws `Unreadable` when it is cut off or holds other
 * things than numbers. The caller has checked the size that the header states.
 */
export function decodeNetpbm(bytes: Uint8Array): DecodedImage | null {
  const found = netpbmHeader(bytes);
  if (!found) return null;
  const { width, height, channels, isText, white, start } = found;
  const numbers = width * height * channels;
  const wide = white > 255 ? 2 : 1;
  // A number of a text takes a digit and a separator, but the last one may end the file.
  if (bytes.length - start < (isText ? 2 * numbers - 1 : wide * numbers)) throw cutOff(numbers);
  const next = isText
    ? textNumbers(bytes, start, numbers)
    : wide === 1
      ? (i: number) => bytes[start + i]!
      : (i: number) => bytes[start + 2 * i]! * 256 + bytes[start + 2 * i + 1]!;
  const rgba = new Uint8ClampedArray(width * height * 4);
  const scale = 255 / white;
  for (let i = 0, to = 0; i < numbers; to += 4) {
    for (let c = 0; c < 3; c++) rgba[to + c] = c < channels ? next(i++) * scale : rgba[to]!;
    rgba[to + 3] = 255;
  }
  return { width, height, rgba };
}

/** Grey bytes [height*width] as a PGM picture. */
export function netpbmOf(grey: Uint8Array, { height, width }: Size): Uint8Array<ArrayBuffer> {
  const front = new TextEncoder().encode(`P5 ${width} ${height} 255\n`);
  const bytes = new Uint8Array(front.length + grey.length);
  bytes.set(front);
  bytes.set(grey, front.length);
  return bytes;
}

/** Reads the numbers of a text one after the other. */
function textNumbers(bytes: Uint8Array, start: number, numbers: number): () => number {
  let at = start;
  return () => {
    while (at < bytes.length && !isDigit(bytes[at]!)) {
      if (bytes[at] === hash) while (at < bytes.length && bytes[at] !== 10 && bytes[at] !== 13) at++;
      else if (bytes[at]! > 32)
        throw new Unreadable('is damaged: other things than numbers stand for pixels');
      else at++;
    }
    if (at === bytes.length) throw cutOff(numbers);
    let value = 0;
    while (at < bytes.length && isDigit(bytes[at]!)) value = value * 10 + bytes[at++]! - 48;
    return value;
  };
}

const hash = 35;

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function cutOff(numbers: number): Unreadable {
  return new Unreadable(
    `is cut off: its header states ${counted(numbers)} numbers, and the file ends before that`,
  );
}
