/**
 * MATLAB files of version 5 (also called 6 and 7): a header of 128 bytes, then a data element for each variable, packed
 * with zlib or not. Source: "MAT-File Format", The MathWorks. Version 7.3 is HDF5.
 */
import type { LoadedArray } from '../array-names';
import type { ImportContext } from '../import-context';
import { counted } from '../limits';
import { bytesPer, numbersFrom, type NumberType } from '../number-array';
import { Collector, Unreadable } from '../source';
import { decompressed, isNoDamage } from './decompress';

const headerBytes = 128;

/** Whether a file begins like one of version 5. Those of version 7.3 begin with another text. */
export function isMat(head: Uint8Array): boolean {
  return String.fromCharCode(...head.subarray(0, 10)) === 'MATLAB 5.0' && orderOf(head) !== null;
}

function orderOf(head: Uint8Array): 'little' | 'big' | null {
  const mark = String.fromCharCode(...head.subarray(126, 128));
  return mark === 'IM' ? 'little' : mark === 'MI' ? 'big' : null;
}

/** Types of stored numbers. */
const numberTypes = new Map<number, NumberType>([
  [1, 'i1'],
  [2, 'u1'],
  [3, 'i2'],
  [4, 'u2'],
  [5, 'i4'],
  [6, 'u4'],
  [7, 'f4'],
  [9, 'f8'],
  [12, 'i8'],
  [13, 'u8'],
]);
const matrixType = 14;
const packedType = 15;

/** Classes of arrays that hold no numbers. */
const otherClasses = new Map([
  [1, 'cells'],
  [2, 'a structure'],
  [3, 'an object'],
  [4, 'a text'],
  [5, 'a sparse matrix'],
]);
const complexFlag = 0x08;

interface Element {
  type: number;
  /** Bytes of the content, and where the next element begins. */
  start: number;
  length: number;
  next: number;
}

interface Reading {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView;
  little: boolean;
}

/**
 * The arrays of numbers in a file, by name below the path of the file. Variables of other kinds are reported as left
 * out. Throws `Unreadable` when the file is cut off or damaged, and a refusal at the limit of unpacked bytes.
 */
export async function matArrays(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  where: string,
  context: ImportContext,
): Promise<LoadedArray[]> {
  const file = readingOf(bytes, orderOf(bytes) === 'little');
  const arrays: LoadedArray[] = [];
  for (let at = headerBytes; at < bytes.length;) {
    await context.yieldToMessages();
    const element = elementAt(file, at);
    let inside = file;
    let matrix = element;
    if (element.type === packedType) {
      const packed = bytes.subarray(element.start, element.start + element.length);
      inside = readingOf(await unzlib(packed, context), file.little);
      matrix = elementAt(inside, 0);
    }
    if (matrix.type === matrixType) {
      const found = arrayIn(inside, matrix, path, where);
      if (found.array) arrays.push(found.array);
      else if (found.why) context.skip(`${where}: ${found.name}`, found.why);
    }
    // Packed elements are not padded.
    at = element.type === packedType ? element.start + element.length : element.next;
  }
  return arrays;
}

function readingOf(bytes: Uint8Array<ArrayBuffer>, little: boolean): Reading {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), little };
}

function elementAt({ bytes, view, little }: Reading, at: number): Element {
  if (at + 8 > bytes.length) throw cutOff();
  const first = view.getUint32(at, little);
  const short = first >>> 16;
  // Up to four bytes of content lie in the tag itself.
  const element: Element = short
    ? { type: first & 0xffff, start: at + 4, length: short, next: at + 8 }
    : tagged(first, view.getUint32(at + 4, little), at + 8);
  if (short > 4 || element.start + element.length > bytes.length) throw cutOff();
  return element;
}

function tagged(type: number, length: number, start: number): Element {
  return { type, start, length, next: start + Math.ceil(length / 8) * 8 };
}

function cutOff(): Unreadable {
  return new Unreadable(
    'is a MATLAB file that ends too early or is damaged: an element would reach past its end; download or copy it again',
  );
}

interface Found {
  name: string;
  array?: LoadedArray;
  /** Why it was left out, of variables that a user knows. */
  why?: string;
}

function arrayIn(file: Reading, matrix: Element, path: string, where: string): Found {
  const { bytes, view, little } = file;
  const flags = elementAt(file, matrix.start);
  if (flags.length < 8) throw cutOff();
  const word = view.getUint32(flags.start, little);
  const dimensions = elementAt(file, flags.next);
  const shape = Array.from({ length: Math.floor(dimensions.length / 4) }, (_, i) =>
    view.getInt32(dimensions.start + 4 * i, little),
  );
  const label = elementAt(file, dimensions.next);
  const name = new TextDecoder('latin1').decode(bytes.subarray(label.start, label.start + label.length));
  // MATLAB keeps unnamed variables for its own use.
  if (name === '') return { name };
  const other = otherClasses.get(word & 0xff);
  if (other) return { name, why: `is ${other}, not an array of numbers` };
  if ((word >>> 8) & complexFlag) return { name, why: 'holds complex numbers, which are no pixels' };
  const data = elementAt(file, label.next);
  const type = numberTypes.get(data.type);
  if (!type) return { name, why: 'is of a kind that is not known' };
  const length = shape.reduce((product, size) => product * size, 1);
  if (shape.some((size) => size < 0) || length * bytesPer(type) !== data.length)
    throw new Unreadable(
      `is a damaged MATLAB file: “${name}” states ${counted(length)} numbers and holds ${counted(Math.floor(data.length / bytesPer(type)))}`,
    );
  const values = numbersFrom(bytes, data.start, length, type, little);
  // A column or a row of numbers is a list.
  const isList = shape.length === 2 && shape.includes(1);
  return {
    name,
    array: {
      path: `${path}/${name}`,
      where: `${where}: ${name}`,
      shape: isList ? [length] : shape,
      fortran: true,
      content: { kind: 'numbers', values },
    },
  };
}

/** Unpacks a zlib stream, counting its bytes. */
async function unzlib(
  packed: Uint8Array<ArrayBuffer>,
  context: ImportContext,
): Promise<Uint8Array<ArrayBuffer>> {
  const collector = new Collector();
  try {
    for await (const piece of decompressed(new Blob([packed]), 'deflate')) {
      context.countUnpacked(piece.length);
      collector.add(piece);
      await context.yieldToMessages();
    }
  } catch (error) {
    if (isNoDamage(error)) throw error;
    throw new Unreadable('is a MATLAB file with a damaged or cut variable; download or copy it again');
  }
  return collector.bytes();
}
