/** The header of an IDX file: two zeros, a type, the number of sizes, the sizes (big-endian). */
import { bytesPer, type NumberType } from '../number-array';

const types = new Map<number, NumberType>([
  [0x08, 'u1'],
  [0x09, 'i1'],
  [0x0b, 'i2'],
  [0x0c, 'i4'],
  [0x0d, 'f4'],
  [0x0e, 'f8'],
]);

export interface IdxHeader {
  type: NumberType;
  shape: number[];
  start: number;
  /** Length of the whole file by this header. */
  bytes: number;
}

/** Whether the first four bytes are those of an IDX file; other formats may begin so by chance. */
export function isIdxMagic(head: Uint8Array): boolean {
  return head[0] === 0 && head[1] === 0 && types.has(head[2]!) && head[3]! >= 1 && head[3]! <= 4;
}

export function idxHeader(head: Uint8Array): IdxHeader | null {
  const dimensions = head[3] ?? 0;
  const start = 4 + 4 * dimensions;
  if (!isIdxMagic(head) || head.length < start) return null;
  const type = types.get(head[2]!)!;
  const view = new DataView(head.buffer, head.byteOffset);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  // Four sizes of 2^32 are far beyond exact doubles, but equal to no file length either.
  return {
    type,
    shape,
    start,
    bytes: start + bytesPer(type) * shape.reduce((product, size) => product * size, 1),
  };
}

/** Length of the whole file by its header, or null when there is none. */
export function idxLength(head: Uint8Array): number | null {
  return idxHeader(head)?.bytes ?? null;
}
