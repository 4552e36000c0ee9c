/**
 * TFRecord files of TensorFlow: records with their length and checksums, each a `tf.train.Example`, a protocol buffer
 * of named lists. Source: tensorflow.org/tutorials/load_data/tfrecord and protobuf.dev/programming-guides/encoding.
 */
import { counted } from '../limits';
import { Unreadable } from '../source';
import { crc32c } from './crc32';

/** A feature of an example: byte strings, or numbers. */
export type Feature =
  | { kind: 'bytes'; values: Uint8Array<ArrayBuffer>[] }
  | { kind: 'numbers'; values: ArrayLike<number> };
export type Example = Map<string, Feature>;

/** The length with its checksum, and the checksum after the content. */
const front = 12;
const back = 4;

/** Whether bytes begin with the length of a record and its right checksum. */
export function isTfRecord(head: Uint8Array): boolean {
  return head.length >= front + back && isChecked(head.subarray(0, 8), head, 8);
}

/** Whether the masked checksum at a place is that of the content. */
function isChecked(content: Uint8Array, bytes: Uint8Array, at: number): boolean {
  const crc = crc32c(content);
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true) === masked;
}

/**
 * The records of a file. Throws `Unreadable` at one that is cut off or damaged: where the next one begins is then not
 * known.
 */
export function* recordsIn(bytes: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let record = 1;
  for (let at = 0; at < bytes.length; record++) {
    const place = `at record ${counted(record)}`;
    if (at + front > bytes.length) throw new Unreadable(`is cut off ${place}; download or copy it again`);
    if (!isChecked(bytes.subarray(at, at + 8), bytes, at + 8))
      throw new Unreadable(`is damaged ${place}: the checksum of its length is wrong`);
    const length = Number(view.getBigUint64(at, true));
    const start = at + front;
    if (start + length + back > bytes.length)
      throw new Unreadable(`is cut off ${place}; download or copy it again`);
    const content = bytes.subarray(start, start + length);
    if (!isChecked(content, bytes, start + length))
      throw new Unreadable(`is damaged ${place}: its checksum is wrong`);
    yield content;
    at = start + length + back;
  }
}

/** The features of an example. Throws `Unreadable` when the record is no such message. */
export function exampleIn(record: Uint8Array<ArrayBuffer>): Example {
  const example: Example = new Map();
  for (const features of fieldsIn(record))
    if (features.number === 1 && features.bytes)
      for (const entry of fieldsIn(features.bytes))
        if (entry.number === 1 && entry.bytes) addEntry(example, entry.bytes);
  return example;
}

function addEntry(example: Example, entry: Uint8Array<ArrayBuffer>): void {
  let name = '';
  let feature: Feature | null = null;
  for (const { number, bytes } of fieldsIn(entry)) {
    if (number === 1 && bytes) name = new TextDecoder().decode(bytes);
    if (number === 2 && bytes) feature = featureIn(bytes);
  }
  if (feature) example.set(name, feature);
}

function featureIn(bytes: Uint8Array<ArrayBuffer>): Feature | null {
  for (const list of fieldsIn(bytes)) {
    if (!list.bytes) continue;
    const fields = [...fieldsIn(list.bytes)].filter(({ number }) => number === 1);
    if (list.number === 1) return { kind: 'bytes', values: fields.flatMap((field) => field.bytes ?? []) };
    if (list.number === 2) return { kind: 'numbers', values: joined(fields.map(floatsIn)) };
    if (list.number === 3) return { kind: 'numbers', values: joined(fields.map(integersIn)) };
  }
  return null;
}

/** Lists of a feature one after the other; as a rule there is one. */
function joined(lists: readonly ArrayLike<number>[]): ArrayLike<number> {
  const [only] = lists;
  return lists.length === 1 ? only! : lists.flatMap((list) => Array.from(list));
}

function floatsIn({ bytes, value }: Field): ArrayLike<number> {
  // One that stands alone was read as its bits.
  if (!bytes) return [new Float32Array(Uint32Array.of(value).buffer)[0]!];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getFloat32(4 * i, true));
}

/** Pixels are kept as bytes: a list has as many numbers as bytes at most. */
function integersIn({ bytes, value }: Field): ArrayLike<number> {
  if (!bytes) return [value];
  const reader = new Reader(bytes);
  let count = 0;
  for (const byte of bytes) if (byte < 0x80) count++;
  const values = new Float64Array(count);
  let areBytes = true;
  for (let i = 0; !reader.isAtEnd; i++) {
    const own = reader.integer();
    values[i] = own;
    areBytes &&= own >= 0 && own <= 255;
  }
  return areBytes ? Uint8Array.from(values) : values;
}

interface Field {
  number: number;
  /** Of a field with a length. */
  bytes: Uint8Array<ArrayBuffer> | null;
  /** Of a field without: an integer, or the bits of a number. */
  value: number;
}

function* fieldsIn(bytes: Uint8Array<ArrayBuffer>): Generator<Field> {
  const reader = new Reader(bytes);
  while (!reader.isAtEnd) {
    const key = reader.integer();
    const number = Math.floor(key / 8);
    const wire = key % 8;
    if (wire === 0) yield { number, bytes: null, value: reader.integer() };
    else if (wire === 1) yield { number, bytes: reader.take(8), value: 0 };
    else if (wire === 2) yield { number, bytes: reader.take(reader.integer()), value: 0 };
    else if (wire === 5) {
      const [a = 0, b = 0, c = 0, d = 0] = reader.take(4);
      yield { number, bytes: null, value: (a | (b << 8) | (c << 16) | (d << 24)) >>> 0 };
    } else throw noExample();
  }
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array<ArrayBuffer>) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** A 64-bit integer of seven bits a byte, the lowest first. */
  integer(): number {
    const first = this.bytes[this.at];
    if (first !== undefined && first < 0x80) {
      this.at++;
      return first;
    }
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw noExample();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw noExample();
  }

  take(length: number): Uint8Array<ArrayBuffer> {
    if (!(length >= 0 && this.at + length <= this.bytes.length)) throw noExample();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

function noExample(): Unreadable {
  return new Unreadable('holds records that are no tf.train.Example');
}
