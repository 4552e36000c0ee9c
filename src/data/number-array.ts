/** Numbers as a file stores them, read one at a time: any width, either byte order, converted on access. */
import { fromHalf } from '../numbers/half-precision';

export type NumberType = 'bool' | 'u1' | 'i1' | 'u2' | 'i2' | 'u4' | 'i4' | 'u8' | 'i8' | 'f2' | 'f4' | 'f8';

export interface Numbers {
  length: number;
  get: (index: number) => number;
  /** The numbers themselves when they are unsigned bytes, as most images are; faster than a call for each. */
  bytes?: Uint8Array;
}

export function bytesPer(type: NumberType): number {
  return type === 'bool' ? 1 : Number(type.slice(1));
}

/**
 * `length` numbers from byte `offset` on. The caller has checked the bounds. 64-bit integers beyond 2^53 lose their
 * last digits; neither pixels nor labels are that large.
 */
export function numbersFrom(
  bytes: Uint8Array,
  offset: number,
  length: number,
  type: NumberType,
  littleEndian: boolean,
): Numbers {
  if (type === 'u1') {
    const values = bytes.subarray(offset, offset + length);
    return { length, get: (i) => values[i]!, bytes: values };
  }
  if (type === 'bool') return { length, get: (i) => (bytes[offset + i] === 0 ? 0 : 1) };
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length * bytesPer(type));
  return { length, get: getter(view, type, littleEndian) };
}

function getter(
  view: DataView,
  type: Exclude<NumberType, 'u1' | 'bool'>,
  little: boolean,
): (index: number) => number {
  switch (type) {
    case 'i1':
      return (i) => view.getInt8(i);
    case 'u2':
      return (i) => view.getUint16(i * 2, little);
    case 'i2':
      return (i) => view.getInt16(i * 2, little);
    case 'u4':
      return (i) => view.getUint32(i * 4, little);
    case 'i4':
      return (i) => view.getInt32(i * 4, little);
    case 'u8':
      return (i) => Number(view.getBigUint64(i * 8, little));
    case 'i8':
      return (i) => Number(view.getBigInt64(i * 8, little));
    case 'f2':
      return (i) => fromHalf(view.getUint16(i * 2, little));
    case 'f4':
      return (i) => view.getFloat32(i * 4, little);
    case 'f8':
      return (i) => view.getFloat64(i * 8, little);
  }
}
