/** Header of an IDX file: two zeros, the type, the number of dimensions, the sizes (big-endian). */
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
  /** Length of the whole file according to the header. */
  bytes: number;
}

/** Whether the first four bytes may be an IDX header; other formats may start with the same bytes. */
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
  // The product of four sizes may exceed exact doubles; such a value equals no file length either.
  return {
    type,
    shape,
    start,
    bytes: start + bytesPer(type) * shape.reduce((product, size) => product * size, 1),
  };
}

/** Length of the whole file according to its header; null when there is none. */
export function idxLength(head: Uint8Array): number | null {
  return idxHeader(head)?.bytes ?? null;
}
