/** Reads the protocol buffer wire format, of which ONNX files are made: https://protobuf.dev/programming-guides/encoding */

/** A field of a message: a number, or bytes that are a text, a message or packed numbers. */
export interface Field {
  field: number;
  /** Of a field that is a number; integers beyond 2^53 lose their last digits. */
  number: number;
  /** Of a field that has a length; else empty. */
  bytes: Uint8Array;
}

/** The bytes end within a field, or hold none. */
export class BrokenWire extends Error {}

const decoder = new TextDecoder();

/** The fields of a message, in their order. @throws BrokenWire */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const empty = bytes.subarray(0, 0);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1, k = 0; k < 10; k++, factor *= 128) {
      if (at >= bytes.length) throw new BrokenWire('The file ends within a number.');
      const byte = bytes[at++]!;
      value += (byte & 127) * factor;
      // Ten bytes are a negative number, modulo 2^64.
      if (byte < 128) return k === 9 ? value - 2 ** 64 : value;
    }
    throw new BrokenWire('A number has more than ten bytes.');
  };
  const skip = (count: number): number => {
    const from = at;
    if (count > bytes.length - at) throw new BrokenWire('The file ends within a field.');
    at += count;
    return from;
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (field === 0) throw new BrokenWire('A field has no number.');
    if (wire === 0) yield { field, number: varint(), bytes: empty };
    else if (wire === 1) yield { field, number: view.getFloat64(skip(8), true), bytes: empty };
    else if (wire === 2) {
      const length = varint();
      const from = skip(length);
      yield { field, number: 0, bytes: bytes.subarray(from, from + length) };
    } else if (wire === 5) yield { field, number: view.getFloat32(skip(4), true), bytes: empty };
    else throw new BrokenWire(`Fields of type ${wire} are not in use.`);
  }
}

export const textOf = ({ bytes }: Field): string => decoder.decode(bytes);

/** A field that has a length, as it is written. */
export function fieldOf(field: number, content: Uint8Array): Uint8Array {
  const head = [...varintOf(field * 8 + 2), ...varintOf(content.length)];
  const whole = new Uint8Array(head.length + content.length);
  whole.set(head);
  whole.set(content, head.length);
  return whole;
}

function varintOf(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varintOf(Math.floor(value / 128))];
}
