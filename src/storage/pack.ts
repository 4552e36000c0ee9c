/**
 * Lossless binary form of plain data, for files: everything that structured clone supports as data (typed arrays,
 * Map, Set, NaN, -0, undefined, bigint).
 *
 * Layout: "RTPK", version (uint32), length of the header (uint32), 4 zero bytes, the header (JSON, UTF-8), and the
 * bodies of the typed arrays, each at a multiple of 8 bytes from the end of the header. Little-endian.
 */
import { StorageFault } from './faults';
import { joined } from '../numbers/joined';

const magic = 0x4b505452;
const version = 1;
const preamble = 16;

const arrays = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};
type ArrayName = keyof typeof arrays;
type TypedArray = InstanceType<(typeof arrays)[ArrayName]>;

const aligned = (length: number) => Math.ceil(length / 8) * 8;

/**
 * @returns the parts of the file in order; bodies are views of the given arrays, not copies
 * @throws TypeError for functions, symbols and class instances
 */
export function packParts(value: unknown): Uint8Array<ArrayBuffer>[] {
  const bodies: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  const body = (array: TypedArray): number => {
    const start = at;
    const bytes = new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);
    bodies.push(bytes);
    const gap = aligned(bytes.length) - bytes.length;
    if (gap > 0) bodies.push(new Uint8Array(gap));
    at += aligned(bytes.length);
    return start;
  };
  const text = new TextEncoder().encode(JSON.stringify(encoded(value, body)));
  const head = new Uint8Array(aligned(preamble + text.length));
  const view = new DataView(head.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, version, true);
  view.setUint32(8, text.length, true);
  head.set(text, preamble);
  return [head, ...bodies];
}

/** The same as one array, a copy: the value may change afterwards. */
export function pack(value: unknown): Uint8Array<ArrayBuffer> {
  return joined(Uint8Array, packParts(value));
}

/**
 * @returns copies of what was packed
 * @throws StorageFault `damaged` or `newer`
 */
export function unpack(bytes: Uint8Array): unknown {
  return reading(bytes, bytes.length, (Kind, from, to) => new Kind(bytes.slice(from, to).buffer));
}

/**
 * The same without copies: arrays are views of `bytes`, which must not change from then on.
 * @throws StorageFault `damaged` or `newer`
 */
export function unpackViews(bytes: Uint8Array<ArrayBuffer>): unknown {
  return reading(bytes, bytes.length, (Kind, from, to) => {
    const at = bytes.byteOffset + from;
    return at % 8 === 0
      ? new Kind(bytes.buffer, at, (to - from) / Kind.BYTES_PER_ELEMENT)
      : new Kind(bytes.slice(from, to).buffer);
  });
}

/** Stands for a typed array of a packed file that has not been read. */
export class PackedArray {
  constructor(
    readonly kind: ArrayName,
    /** Offset in the file. */
    readonly at: number,
    readonly length: number,
  ) {}

  async read(file: Blob): Promise<TypedArray> {
    const Kind = arrays[this.kind];
    const end = this.at + this.length * Kind.BYTES_PER_ELEMENT;
    return new Kind(await file.slice(this.at, end).arrayBuffer());
  }
}

/**
 * The packed value with a `PackedArray` in place of each typed array; reads only the header of the file.
 * @throws StorageFault `damaged` or `newer`, DOMException when the file cannot be read
 */
export async function unpackOutline(file: Blob): Promise<unknown> {
  const start = new Uint8Array(await file.slice(0, preamble).arrayBuffer());
  const length = start.length < preamble ? 0 : new DataView(start.buffer).getUint32(8, true);
  const head = new Uint8Array(await file.slice(0, preamble + length).arrayBuffer());
  return reading(
    head,
    file.size,
    (Kind, from, to) => new PackedArray(Kind.name as ArrayName, from, (to - from) / Kind.BYTES_PER_ELEMENT),
  );
}

type Kind = (typeof arrays)[ArrayName];

/**
 * Reads the header of a packed file.
 * @param head at least the header
 * @param size bytes of the whole file
 * @param body creates the value for an array of this kind at this byte range
 */
function reading(
  head: Uint8Array,
  size: number,
  body: (kind: Kind, from: number, to: number) => unknown,
): unknown {
  if (head.length < preamble) throw damaged();
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0, true) !== magic) throw damaged();
  if (view.getUint32(4, true) > version)
    throw new StorageFault(
      'newer',
      'This was written by a newer version of the page. Reload the page to get it.',
    );
  const length = view.getUint32(8, true);
  if (preamble + length > head.length) throw damaged();
  const start = aligned(preamble + length);
  try {
    const header: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(preamble, preamble + length)),
    );
    let end = 0;
    return decoded(header, (kind, from, to) => {
      // Bodies must be in order and must not overlap, so that copies take no more memory than the file.
      if (!(from >= end && to >= from && start + to <= size)) throw damaged();
      end = to;
      return body(kind, start + from, start + to);
    });
  } catch (error) {
    throw error instanceof StorageFault ? error : damaged(error);
  }
}

const tag = '$';
/** Digits of 256 bits. Parsing many more would take minutes. */
const longestBigInt = 80;

function encoded(value: unknown, body: (array: TypedArray) => number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { [tag]: 'number', v: Object.is(value, -0) ? '-0' : String(value) };
    case 'undefined':
      return { [tag]: 'undefined' };
    case 'bigint':
      return { [tag]: 'bigint', v: String(value) };
    case 'object':
      break;
    default:
      throw new TypeError(`A ${typeof value} cannot be stored.`);
  }
  if (value === null) return null;
  const inner = (item: unknown) => encoded(item, body);
  if (Array.isArray(value)) return value.map(inner);
  if (ArrayBuffer.isView(value)) {
    const name = value.constructor.name;
    if (!(name in arrays)) throw new TypeError(`A ${name} cannot be stored.`);
    const array = value as TypedArray;
    return { [tag]: name, at: body(array), n: array.length };
  }
  if (value instanceof Map) return { [tag]: 'Map', v: [...value].map(inner) };
  if (value instanceof Set) return { [tag]: 'Set', v: [...value].map(inner) };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(`An object of ${value.constructor.name} cannot be stored.`);
  const entries = Object.entries(value).map(([key, item]) => [key, inner(item)] as const);
  return tag in value ? { [tag]: 'Object', v: entries } : Object.fromEntries(entries);
}

function decoded(value: unknown, body: (kind: Kind, from: number, to: number) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const inner = (item: unknown) => decoded(item, body);
  if (Array.isArray(value)) return value.map(inner);
  const record = value as Record<string, unknown>;
  if (!(tag in record))
    return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, inner(item)]));
  const { [tag]: name, v, at, n } = record;
  const items = () => (Array.isArray(v) ? v.map(inner) : raise()) as unknown[];
  switch (name) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(v);
    case 'bigint':
      return typeof v === 'string' && v.length <= longestBigInt ? BigInt(v) : raise();
    case 'Map':
      return new Map(items() as [unknown, unknown][]);
    case 'Set':
      return new Set(items());
    case 'Object':
      return Object.fromEntries(items() as [string, unknown][]);
    default: {
      if (typeof name !== 'string' || !(name in arrays) || !Number.isSafeInteger(at)) return raise();
      if (!Number.isSafeInteger(n)) return raise();
      const kind = arrays[name as ArrayName];
      return body(kind, at as number, (at as number) + (n as number) * kind.BYTES_PER_ELEMENT);
    }
  }
}

function raise(): never {
  throw damaged();
}

function damaged(cause?: unknown): StorageFault {
  return new StorageFault('damaged', 'The stored data are damaged.', { cause });
}
