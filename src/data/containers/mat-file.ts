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
const [cells, structure, letters] = [1, 2, 4];
const otherClasses = new Map([
  [cells, 'cells'],
  [structure, 'a structure'],
  [3, 'an object'],
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
 * The arrays of numbers and of texts in a file, by name below the path of the file, those in structures by the names of
 * their fields. Variables of other kinds are reported as left out. Throws `Unreadable` when the file is cut off or damaged, and a refusal at the limit of unpacked bytes.
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
      const found = valueIn(inside, matrix);
      // MATLAB keeps unnamed variables for its own use.
      if (found.name !== '') arrays.push(...arraysIn(found, path, where, context));
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

/** What an element holds: numbers or texts of a shape, parts by the names of fields, or nothing that is read. */
type Value =
  | { shape: number[]; content: LoadedArray['content'] }
  | { fields: Map<string, Value> }
  | { why: string };

interface Found {
  name: string;
  value: Value;
}

/** Structures in structures; sets have at most a set, a split and a name. */
const deepest = 4;
/** Entries of a structure or of cells: more than any set has images. */
const mostEntries = 1_000_000;

/** Arrays of a variable: its own, or those of its fields, each by its path. */
function arraysIn(
  { name, value }: Found,
  path: string,
  where: string,
  context: ImportContext,
): LoadedArray[] {
  if ('why' in value) {
    context.skip(`${where}: ${name}`, value.why);
    return [];
  }
  if ('fields' in value)
    return [...value.fields].flatMap(([field, inner]) =>
      arraysIn({ name: field, value: inner }, `${path}/${name}`, `${where}: ${name}`, context),
    );
  const { shape, content } = value;
  // A column or a row is a list.
  const length = shape.reduce((product, size) => product * size, 1);
  const isList = shape.length === 2 && shape.includes(1);
  return [
    {
      path: `${path}/${name}`,
      where: `${where}: ${name}`,
      shape: isList ? [length] : shape,
      fortran: true,
      content,
    },
  ];
}

/** The value of a matrix element. Fields and cells have no name of their own. */
function valueIn(file: Reading, matrix: Element, depth = 0): Found {
  const { bytes, view, little } = file;
  if (matrix.length === 0) return { name: '', value: { why: 'is empty' } };
  const flags = elementAt(file, matrix.start);
  if (flags.length < 8) throw cutOff();
  const word = view.getUint32(flags.start, little);
  const dimensions = elementAt(file, flags.next);
  const shape = Array.from({ length: Math.floor(dimensions.length / 4) }, (_, i) =>
    view.getInt32(dimensions.start + 4 * i, little),
  );
  const label = elementAt(file, dimensions.next);
  const name = textIn(file, label);
  const kind = word & 0xff;
  const length = shape.reduce((product, size) => product * size, 1);
  if (shape.some((size) => size < 0)) throw cutOff();
  if (kind === structure || kind === cells) {
    const named = { name, value: { why: `is ${otherClasses.get(kind)}, not an array of numbers` } };
    if (depth > deepest || length > mostEntries) return named;
    const value =
      kind === cells
        ? listOf(cellsFrom(file, label.next, length, depth), shape)
        : structureFrom(file, label.next, { shape, length }, depth);
    return value ? { name, value } : named;
  }
  if (kind === letters) {
    const data = elementAt(file, label.next);
    const text = textIn(file, data);
    // Several rows are stored column by column.
    if (shape[0]! > 1) return { name, value: { why: 'is a text of several lines' } };
    return { name, value: { shape: [1], content: { kind: 'texts', values: [text] } } };
  }
  const other = otherClasses.get(kind);
  if (other) return { name, value: { why: `is ${other}, not an array of numbers` } };
  if ((word >>> 8) & complexFlag)
    return { name, value: { why: 'holds complex numbers, which are no pixels' } };
  const data = elementAt(file, label.next);
  const type = numberTypes.get(data.type);
  if (!type) return { name, value: { why: 'is of a kind that is not known' } };
  if (length * bytesPer(type) !== data.length)
    throw new Unreadable(
      `is a damaged MATLAB file: “${name}” states ${counted(length)} numbers and holds ${counted(Math.floor(data.length / bytesPer(type)))}`,
    );
  const values = numbersFrom(bytes, data.start, length, type, little);
  return { name, value: { shape, content: { kind: 'numbers', values } } };
}

/** Letters of one byte, or of two as UTF-16. */
function textIn({ bytes, little }: Reading, { type, start, length }: Element): string {
  const encoding =
    type === 4 || type === 17 ? (little ? 'utf-16le' : 'utf-16be') : type === 16 ? 'utf-8' : 'latin1';
  return new TextDecoder(encoding).decode(bytes.subarray(start, start + length));
}

function cellsFrom(file: Reading, from: number, count: number, depth: number): Value[] {
  const values: Value[] = [];
  let at = from;
  for (let i = 0; i < count; i++) {
    const element = elementAt(file, at);
    if (element.type !== matrixType) throw cutOff();
    values.push(valueIn(file, element, depth + 1).value);
    at = element.next;
  }
  return values;
}

/** One number or one text of each entry, as an array; null where an entry is anything else. */
function listOf(entries: readonly Value[], shape: number[]): Value | null {
  const contents = entries.flatMap((entry) =>
    'content' in entry && entry.shape.every((size) => size === 1) ? [entry.content] : [],
  );
  if (contents.length === 0 || contents.length < entries.length) return null;
  const texts = contents.flatMap((one) => (one.kind === 'texts' ? one.values : []));
  if (texts.length === contents.length) return { shape, content: { kind: 'texts', values: texts } };
  const numbers = contents.flatMap((one) => (one.kind === 'numbers' ? [one.values.get(0)] : []));
  if (numbers.length < contents.length) return null;
  const values = { length: numbers.length, get: (i: number) => numbers[i]! };
  return { shape, content: { kind: 'numbers', values } };
}

/** Fields of one structure, or of each of several as a list of entries. */
function structureFrom(
  file: Reading,
  from: number,
  { shape, length }: { shape: number[]; length: number },
  depth: number,
): Value | null {
  const width = elementAt(file, from);
  const names = elementAt(file, width.next);
  const each = width.length >= 4 ? file.view.getInt32(width.start, file.little) : 0;
  if (each < 1) throw cutOff();
  const latin = new TextDecoder('latin1');
  const fields = Array.from({ length: Math.floor(names.length / each) }, (_, i) =>
    latin
      .decode(file.bytes.subarray(names.start + i * each, names.start + (i + 1) * each))
      .replace(/\0.*$/s, ''),
  );
  if (fields.length * length > mostEntries) return null;
  const values = cellsFrom(file, names.next, fields.length * length, depth);
  const own = fields.flatMap((field, i): [string, Value][] => {
    const entries = values.filter((_, at) => at % fields.length === i);
    const value = length === 1 ? entries[0]! : listOf(entries, shape);
    return value ? [[field, value]] : [];
  });
  return own.length > 0 ? { fields: new Map(own) } : null;
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
