/**
 * Reads tables of the FlatBuffers format (google.github.io/flatbuffers, "Internals"). Every offset and count is checked
 * against the bytes; reads past their end throw a `RangeError`.
 */
export class Flatbuffer {
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Position of the root table. */
  root(): number {
    return this.table(0);
  }

  /** The table to which the offset at a position points. */
  table(at: number): number {
    return at + this.view.getUint32(at, true);
  }

  /** Position of a field of a table, 0 where the table lacks it. */
  field(table: number, slot: number): number {
    const fields = table - this.view.getInt32(table, true);
    const at = 4 + 2 * slot;
    const offset = at < this.view.getUint16(fields, true) ? this.view.getUint16(fields + at, true) : 0;
    return offset === 0 ? 0 : table + offset;
  }

  byte(at: number): number {
    return this.view.getUint8(at);
  }

  /** A 64-bit integer. */
  long(at: number): number {
    return Number(this.view.getBigInt64(at, true));
  }

  /** Positions of the items of a vector field, each of `stride` bytes. */
  vector(table: number, slot: number, stride: number): number[] {
    const field = this.field(table, slot);
    if (field === 0) return [];
    const start = this.table(field);
    const count = this.view.getUint32(start, true);
    if (start + 4 + count * stride > this.view.byteLength) throw new RangeError('A vector is too long.');
    return Array.from({ length: count }, (_, i) => start + 4 + i * stride);
  }
}
