/**
 * Unpacks LZ4 frames, the usual packing of Feather files. Source: "LZ4 Frame Format Description" and "LZ4 Block Format
 * Description", github.com/lz4/lz4. Checksums are not verified.
 */

/** Unpacks a frame of exactly `length` bytes. Throws a `RangeError` when it is damaged or of another length. */
export function unpackLz4Frame(packed: Uint8Array, length: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  if (view.getUint32(0, true) !== 0x184d2204) throw new RangeError('This is no LZ4 frame.');
  const flags = view.getUint8(4);
  const hasLength = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  const blockChecksum = (flags & 0x10) === 0 ? 0 : 4;
  const out = new Uint8Array(length);
  let at = 7 + (hasLength ? 8 : 0) + (hasDictionary ? 4 : 0);
  let to = 0;
  for (;;) {
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) break;
    const isStored = size >>> 31 === 1;
    const end = at + (size & 0x7fffffff);
    if (end > packed.length) throw new RangeError('An LZ4 block is too long.');
    if (isStored) {
      out.set(packed.subarray(at, end), to);
      to += end - at;
    } else to = unpackBlock(packed, at, end, out, to);
    at = end + blockChecksum;
  }
  if (to !== length) throw new RangeError('An LZ4 frame has another length than stated.');
  return out;
}

/** Blocks may repeat what blocks before them hold, so all go into one output. Returns where the next one begins. */
function unpackBlock(packed: Uint8Array, start: number, end: number, out: Uint8Array, to: number): number {
  let at = start;
  const longer = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (;;) {
      if (at >= end) throw new RangeError('An LZ4 block ends too early.');
      const byte = packed[at++]!;
      length += byte;
      if (byte !== 255) return length;
    }
  };
  while (at < end) {
    const token = packed[at++]!;
    const literals = longer(token >>> 4);
    if (at + literals > end || to + literals > out.length) throw new RangeError('An LZ4 block is damaged.');
    out.set(packed.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (at === end) return to;
    const back = packed[at]! + packed[at + 1]! * 256;
    at += 2;
    const length = longer(token & 15) + 4;
    if (at > end || back === 0 || back > to || to + length > out.length)
      throw new RangeError('An LZ4 block is damaged.');
    // Byte by byte, because what is repeated may overlap with its copy.
    for (let i = 0; i < length; i++, to++) out[to] = out[to - back]!;
  }
  return to;
}
