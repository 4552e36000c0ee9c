/**
 * Reads and writes safetensors files: an 8-byte length, a JSON header, then little-endian numbers. Format:
 * https://huggingface.co/docs/safetensors
 */
import { fromBrainHalf, fromHalf } from '../numbers/half-precision';
import type { NamedArray } from './layouts';

/** Bytes per number, and a function that reads the number at a byte position. */
const readers: Record<string, { bytes: number; read: (view: DataView, at: number) => number }> = {
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F16: { bytes: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  I8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  I16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  BF16: { bytes: 2, read: (view, at) => fromBrainHalf(view.getUint16(at, true)) },
};
const skippedTypes = new Set(['I64']);
/** Whole numbers, which no weight is; numbers beyond 2^53 lose their last digits. */
const wholeReaders: typeof readers = {
  U8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  BOOL: { bytes: 1, read: (view, at) => view.getUint8(at) },
  U16: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  I32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  U32: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  I64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
};
/**
 * Step counter of PyTorch's batch norms, unused here. Usually a 64-bit integer, but converted with the others when a
 * model is saved in half precision.
 */
const skippedNames = /(^|\.)num_batches_tracked$/;

/** Names under which a kernel lies as whole numbers with one step: `integers * step` are its values. */
export const integersName = (name: string): string => `${name}.integers`;
export const stepName = (name: string): string => `${name}.step`;

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * The arrays of a safetensors file in header order, as float32. Counters (type I64) are left out; whole numbers with a
 * step are multiplied by it.
 * @throws Error with a sentence when the file is truncated, malformed or has an unsupported type
 */
export function readSafetensors(bytes: Uint8Array): NamedArray[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, start } = readHeader(bytes);
  const arrays = checkedEntries(header, bytes.length - start).flatMap(([name, entry]) => {
    if (skippedNames.test(name) || skippedTypes.has(entry.dtype)) return [];
    const { shape, data_offsets: offsets } = entry;
    const { bytes: width, read } = readers[entry.dtype]!;
    const data = new Float32Array((offsets[1] - offsets[0]) / width);
    for (let i = 0; i < data.length; i++) data[i] = read(view, start + offsets[0] + i * width);
    return [{ name, shape, data }];
  });
  return withSteps(arrays);
}

/**
 * All arrays of a file that holds no weights, whole numbers of any width too.
 * @throws Error as `readSafetensors`
 */
export function readSafetensorsNumbers(
  bytes: Uint8Array,
): { name: string; shape: number[]; values: Float64Array }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, start } = readHeader(bytes);
  const known = { ...readers, ...wholeReaders };
  return checkedEntries(header, bytes.length - start, known).map(([name, entry]) => {
    const { bytes: width, read } = known[entry.dtype]!;
    const [from, to] = entry.data_offsets;
    const values = Float64Array.from({ length: (to - from) / width }, (_, i) =>
      read(view, start + from + i * width),
    );
    return { name, shape: entry.shape, values };
  });
}

/** The arrays with those that are stored as whole numbers put together. */
function withSteps(arrays: readonly NamedArray[]): NamedArray[] {
  const byName = new Map(arrays.map((array) => [array.name, array]));
  const whole = arrays.flatMap(({ name }) => {
    const own = name.slice(0, -integersName('').length);
    return name === integersName(own) && byName.has(stepName(own)) ? [own] : [];
  });
  if (whole.length === 0) return [...arrays];
  const steps = new Set(whole.map(stepName));
  const kernels = new Map(whole.map((own) => [integersName(own), own]));
  return arrays.flatMap((array) => {
    if (steps.has(array.name)) return [];
    const own = kernels.get(array.name);
    if (own === undefined) return [array];
    const step = byName.get(stepName(own))!.data[0]!;
    return [{ ...array, name: own, data: array.data.map((value) => value * step) }];
  });
}

/**
 * Metadata of a safetensors file, text by key; empty when there is none.
 * @throws Error with a sentence when the file is truncated or malformed
 */
export function readSafetensorsMetadata(bytes: Uint8Array): Record<string, string> {
  const metadata = readHeader(bytes).header['__metadata__'];
  if (typeof metadata !== 'object' || metadata === null) return {};
  return Object.fromEntries(
    Object.entries(metadata).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Names and shapes of the arrays, none of which is read. @throws Error as `readSafetensors` */
export function readSafetensorsShapes(bytes: Uint8Array): { name: string; shape: number[] }[] {
  const { header, start } = readHeader(bytes);
  return checkedEntries(header, bytes.length - start, { ...readers, ...wholeReaders }).map(
    ([name, { shape }]) => ({ name, shape }),
  );
}

/** A named array of numbers that need not be weights. */
export interface StoredArray {
  name: string;
  shape: readonly number[];
  data: Float32Array | Int32Array | Int16Array | Int8Array | Uint8Array;
}

const writtenTypes = {
  Float32Array: 'F32',
  Int32Array: 'I32',
  Int16Array: 'I16',
  Int8Array: 'I8',
  Uint8Array: 'U8',
} as const;

/** Writes a safetensors file; `metadata` is text by key. Arrays of bytes come last, so that all numbers are aligned. */
export function writeSafetensors(
  arrays: readonly StoredArray[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const inOrder = arrays.toSorted((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const entries = inOrder.map(({ name, shape, data }) => ({
    name,
    shape,
    dtype: writtenTypes[data.constructor.name as keyof typeof writtenTypes],
    length: data.byteLength,
  }));
  const { bytes, start } = withHeader(entries, metadata);
  const view = new DataView(bytes.buffer);
  let at = start;
  for (const { data } of inOrder) {
    if (data instanceof Uint8Array) bytes.set(data, at);
    else if (data instanceof Int8Array)
      bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.length), at);
    else if (data instanceof Int16Array) data.forEach((number, i) => view.setInt16(at + 2 * i, number, true));
    else if (data instanceof Int32Array) data.forEach((number, i) => view.setInt32(at + 4 * i, number, true));
    else data.forEach((number, i) => view.setFloat32(at + 4 * i, number, true));
    at += data.byteLength;
  }
  return bytes;
}

/**
 * A file of float32 arrays that are still to be filled: each is a view of the file, so that large ones are in memory once.
 * @param arrays of different names
 */
export function roomForSafetensors(arrays: readonly { name: string; shape: readonly number[] }[]): {
  bytes: Uint8Array<ArrayBuffer>;
  values: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
} {
  const sizes = arrays.map(({ shape }) => shape.reduce((product, side) => product * side, 1));
  const entries = arrays.map((array, i) => ({ ...array, dtype: 'F32', length: 4 * sizes[i]! }));
  const { bytes, start } = withHeader(entries, {});
  const values = new Map<string, Float32Array<ArrayBuffer>>();
  let at = start;
  for (const [i, { name }] of arrays.entries()) {
    values.set(name, new Float32Array(bytes.buffer, at, sizes[i]));
    at += 4 * sizes[i]!;
  }
  return { bytes, values };
}

/** A file of zeros behind its header, and the offset of the first array, a multiple of 8. */
function withHeader(
  entries: readonly { name: string; shape: readonly number[]; dtype: string; length: number }[],
  metadata: Readonly<Record<string, string>>,
): { bytes: Uint8Array<ArrayBuffer>; start: number } {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let length = 0;
  for (const { name, shape, dtype, length: own } of entries)
    header[name] = { dtype, shape, data_offsets: [length, (length += own)] };
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces, as the format requires.
  const headerLength = Math.ceil(text.length / 8) * 8;
  const start = 8 + headerLength;
  const bytes = new Uint8Array(start + length).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, 8);
  return { bytes, start };
}

/** The header, and the offset of the numbers. */
function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8) throw new Error('This is not a safetensors file: it is shorter than 8 bytes.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  if (start > bytes.length)
    throw new Error('This is not a safetensors file, or it is cut off: the header is longer than the file.');
  return { header: parseHeader(bytes.subarray(8, start)), start };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    header = null;
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new Error('This is not a safetensors file: its header cannot be read.');
  return header as Record<string, unknown>;
}

/**
 * All entries of the header, checked to lie inside the file and not to overlap, so that together they need no more
 * memory than the file.
 * @param known types that can be read, all of which are looked at; null for those of weights
 */
function checkedEntries(
  header: Record<string, unknown>,
  available: number,
  known: typeof readers | null = null,
): [string, HeaderEntry][] {
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]): [string, HeaderEntry] => [name, checkEntry(name, value, available, known)]);
  const inOrder = [...entries]
    .filter(
      ([
        ,
        {
          data_offsets: [from, to],
        },
      ]) => to > from,
    )
    .sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  for (const [i, [name, { data_offsets: offsets }]] of inOrder.entries()) {
    const before = inOrder[i - 1];
    if (before && offsets[0] < before[1].data_offsets[1])
      throw new Error(
        `The safetensors header gives “${before[0]}” and “${name}” the same bytes, so the file is damaged. Save it again.`,
      );
  }
  return entries;
}

function checkEntry(
  name: string,
  value: unknown,
  available: number,
  known: typeof readers | null,
): HeaderEntry {
  const entry = value as Partial<HeaderEntry> | null;
  const count = (number: unknown) => Number.isSafeInteger(number) && (number as number) >= 0;
  const wellFormed =
    typeof entry === 'object' &&
    entry !== null &&
    typeof entry.dtype === 'string' &&
    Array.isArray(entry.shape) &&
    entry.shape.every(count) &&
    Array.isArray(entry.data_offsets) &&
    entry.data_offsets.length === 2 &&
    entry.data_offsets.every(count);
  if (!wellFormed)
    throw new Error(`The safetensors header describes “${name}” in a way that cannot be read.`);
  const { dtype, shape, data_offsets: offsets } = entry as HeaderEntry;
  if (offsets[0] > offsets[1] || offsets[1] > available)
    throw new Error(`The safetensors file is cut off: “${name}” lies outside it.`);
  if (!known && (skippedTypes.has(dtype) || skippedNames.test(name))) return entry as HeaderEntry;
  const types = known ?? readers;
  const reader = Object.hasOwn(types, dtype) ? types[dtype] : undefined;
  if (!reader)
    throw new Error(
      `“${name}” is stored as ${dtype}; this page reads ${Object.keys(types).join(', ')}. Save ${known ? 'it' : 'the weights'} as float32.`,
    );
  const size = shape.reduce((product, side) => product * side, 1);
  if (size * reader.bytes !== offsets[1] - offsets[0])
    throw new Error(`The safetensors header gives “${name}” a shape that does not match its length.`);
  return entry as HeaderEntry;
}
