/**
 * Writes the part of the protocol buffer wire format that an ONNX file needs. Format:
 * https://protobuf.dev/programming-guides/encoding
 */

const varint = 0;
const lengthDelimited = 2;
const fixed32 = 5;

const encoder = new TextEncoder();

/** A message under construction. Fields are written in the order of the calls. */
export class Message {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  /** A non-negative integer field (int32, int64, enum). */
  int(field: number, value: number): this {
    return this.push(encodeVarint(field * 8 + varint)).push(encodeVarint(value));
  }

  /** A 32-bit float field. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.push(encodeVarint(field * 8 + fixed32)).push(bytes);
  }

  text(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.header(field, value.length).push(value);
  }

  message(field: number, value: Message): this {
    this.header(field, value.length);
    for (const chunk of value.chunks) this.push(chunk);
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  private header(field: number, length: number): this {
    return this.push(encodeVarint(field * 8 + lengthDelimited)).push(encodeVarint(length));
  }

  private push(chunk: Uint8Array): this {
    this.chunks.push(chunk);
    this.length += chunk.length;
    return this;
  }
}

/** Seven bits per byte, lowest first. Uses division, because lengths may exceed 31 bits. */
function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
