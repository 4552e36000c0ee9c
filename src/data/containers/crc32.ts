/**
 * CRC-32 as in zip files, and CRC-32C (Castagnoli) as in TFRecord files (RFC 3720, appendix B.4), eight bytes per iteration
 * ("slicing by 8": M. Kounavis, F. Berry, "A systematic approach to building high performance software-based CRC
 * generators", ISCC 2005).
 */

/** At 256 * k + byte: the contribution of a byte to the checksum when k more bytes follow. */
function tableOf(polynomial: number): Uint32Array {
  const table = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    table[byte] = value;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256]!;
    table[i] = (before >>> 8) ^ table[before & 0xff]!;
  }
  return table;
}

const ofZip = tableOf(0xedb88320);
const castagnoli = tableOf(0x82f63b78);

/** The CRC-32 of the bytes, or of a longer text whose beginning has the checksum `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  return checksum(ofZip, bytes, before);
}

/** The CRC-32C of some bytes, 0..2^32-1. */
export function crc32c(bytes: Uint8Array): number {
  return checksum(castagnoli, bytes, 0);
}

function checksum(table: Uint32Array, bytes: Uint8Array, before: number): number {
  let value = ~before;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    value ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    value =
      table[1792 + (value & 0xff)]! ^
      table[1536 + ((value >>> 8) & 0xff)]! ^
      table[1280 + ((value >>> 16) & 0xff)]! ^
      table[1024 + (value >>> 24)]! ^
      table[768 + bytes[at + 4]!]! ^
      table[512 + bytes[at + 5]!]! ^
      table[256 + bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) value = (value >>> 8) ^ table[(value ^ bytes[at]!) & 0xff]!;
  return ~value >>> 0;
}
