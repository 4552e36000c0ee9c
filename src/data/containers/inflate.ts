/**
 * deflate (RFC 1951) for small pieces, into memory that is given: a general library makes tables of its own for every
 * piece, and for fifty thousand pictures that is hundreds of megabytes to be swept up.
 */

/** Bits of a code that are looked up at once; the rarer longer ones are followed bit by bit. */
const fastBits = 9;
const longestCode = 15;

/** A Huffman code, to be set anew for each block. */
class Code {
  /** symbol << 4 | length, by the next bits; 0 where the code is longer. */
  private readonly fast = new Uint16Array(1 << fastBits);
  private readonly counts = new Uint16Array(longestCode + 1);
  private readonly symbols = new Uint16Array(288);
  /** Where the symbols of each length begin. */
  private readonly starts = new Uint16Array(longestCode + 2);
  private readonly next = new Uint16Array(longestCode + 2);

  /** By the length of each symbol's code, 0 for none. Throws for lengths that make no code. */
  set(lengths: Uint8Array): void {
    const { fast, counts, symbols, starts, next } = this;
    counts.fill(0);
    fast.fill(0);
    for (const length of lengths) counts[length]!++;
    counts[0] = 0;
    let room = 1;
    for (let length = 1; length <= longestCode; length++) {
      room = 2 * room - counts[length]!;
      if (room < 0) throw new Error('deflate: more codes than there can be');
      starts[length + 1] = starts[length]! + counts[length]!;
    }
    next.set(starts);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol]!;
      if (length > 0) symbols[next[length]!++] = symbol;
    }
    let code = 0;
    for (let length = 1, i = 0; length <= fastBits; length++, code <<= 1)
      for (let n = 0; n < counts[length]!; n++, code++, i++)
        for (let bits = reversed(code, length); bits < fast.length; bits += 1 << length)
          fast[bits] = (symbols[i]! << 4) | length;
  }

  /** The symbol that comes next. */
  read(bits: Bits): number {
    const ahead = bits.peek(longestCode);
    const entry = this.fast[ahead & ((1 << fastBits) - 1)]!;
    if (entry > 0) {
      bits.skip(entry & 15);
      return entry >> 4;
    }
    let code = 0;
    let first = 0;
    for (let length = 1; length <= longestCode; length++) {
      code |= (ahead >> (length - 1)) & 1;
      const count = this.counts[length]!;
      if (code - first < count) {
        bits.skip(length);
        return this.symbols[this.starts[length]! + code - first]!;
      }
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Error('deflate: a code that stands for nothing');
  }
}

function reversed(code: number, length: number): number {
  let bits = 0;
  for (let i = 0; i < length; i++) bits |= ((code >> i) & 1) << (length - 1 - i);
  return bits;
}

/** Bits from the lowest of each byte up; zeros behind the end, which `isPastEnd` tells. */
class Bits {
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private held = 0;
  private count = 0;

  open(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.at = this.held = this.count = 0;
  }

  /** The next bits, 15 or 16 at most, without taking them. */
  peek(wanted: number): number {
    while (this.count < wanted) {
      this.held |= (this.bytes[this.at++] ?? 0) << this.count;
      this.count += 8;
    }
    return this.held & ((1 << wanted) - 1);
  }

  skip(bits: number): void {
    this.held >>>= bits;
    this.count -= bits;
  }

  take(bits: number): number {
    const value = this.peek(bits);
    this.skip(bits);
    return value;
  }

  get isPastEnd(): boolean {
    return 8 * this.at - this.count > 8 * this.bytes.length;
  }

  /** Whole bytes, from the next one that was not begun. */
  takeBytes(length: number): Uint8Array {
    this.at -= this.count >> 3;
    this.held = this.count = 0;
    const bytes = this.bytes.subarray(this.at, this.at + length);
    if (bytes.length < length) throw new Error(cut);
    this.at += length;
    return bytes;
  }

  /** To the beginning of a byte. */
  align(): void {
    this.skip(this.count & 7);
  }
}

const cut = 'deflate: it ends too early';

const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
];
const distanceExtra = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** The order in which lengths of lengths are written. */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

// Used for one piece after the other.
const bits = new Bits();
const literals = new Code();
const distances = new Code();
const lengthsOfLengths = new Uint8Array(19);
const lengths = new Uint8Array(288 + 32);

/**
 * Unpacks a whole deflate stream to the beginning of `out`. Returns how many bytes came, Infinity when there were more
 * than `out` holds. Throws when the stream is damaged or cut off.
 */
export function inflateInto(packed: Uint8Array, out: Uint8Array): number {
  bits.open(packed);
  let at = 0;
  for (let last = false; !last && at <= out.length;) {
    last = bits.take(1) === 1;
    const type = bits.take(2);
    if (type === 0) at = stored(out, at);
    else {
      if (type === 1) setFixed();
      else if (type === 2) setDynamic();
      else throw new Error('deflate: a block of no known kind');
      at = coded(out, at);
    }
  }
  if (bits.isPastEnd) throw new Error(cut);
  return at <= out.length ? at : Infinity;
}

function stored(out: Uint8Array, at: number): number {
  bits.align();
  const length = bits.take(16);
  if ((length ^ bits.take(16)) !== 0xffff) throw new Error('deflate: a block whose length is damaged');
  const bytes = bits.takeBytes(length);
  if (at + length > out.length) return Infinity;
  out.set(bytes, at);
  return at + length;
}

function setFixed(): void {
  lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, 288).fill(5, 288, 318);
  literals.set(lengths.subarray(0, 288));
  distances.set(lengths.subarray(288, 318));
}

function setDynamic(): void {
  const literalCount = bits.take(5) + 257;
  const distanceCount = bits.take(5) + 1;
  const lengthCount = bits.take(4) + 4;
  if (literalCount > 286 || distanceCount > 30) throw new Error('deflate: more symbols than there are');
  lengthsOfLengths.fill(0);
  for (let i = 0; i < lengthCount; i++) lengthsOfLengths[lengthOrder[i]!] = bits.take(3);
  literals.set(lengthsOfLengths);
  const all = literalCount + distanceCount;
  for (let i = 0; i < all;) {
    const symbol = literals.read(bits);
    if (symbol < 16) {
      lengths[i++] = symbol;
      continue;
    }
    if (symbol === 16 && i === 0) throw new Error('deflate: nothing to repeat');
    const value = symbol === 16 ? lengths[i - 1]! : 0;
    const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    if (i + times > all) throw new Error('deflate: more lengths than symbols');
    lengths.fill(value, i, i + times);
    i += times;
  }
  literals.set(lengths.subarray(0, literalCount));
  distances.set(lengths.subarray(literalCount, all));
}

/** Bytes and repetitions of what came before, to the end of the block. */
function coded(out: Uint8Array, from: number): number {
  const endOfBlock = 256;
  for (let at = from; ;) {
    const symbol = literals.read(bits);
    if (symbol < endOfBlock) {
      if (at >= out.length) return Infinity;
      out[at++] = symbol;
      continue;
    }
    if (bits.isPastEnd) throw new Error(cut);
    if (symbol === endOfBlock) return at;
    const code = symbol - 257;
    if (code >= lengthBase.length) throw new Error('deflate: a length that there is not');
    const length = bits.take(lengthExtra[code]!) + lengthBase[code]!;
    const far = distances.read(bits);
    const distance = bits.take(distanceExtra[far]!) + distanceBase[far]!;
    if (!(distance <= at)) throw new Error('deflate: a repetition of what was not there');
    if (at + length > out.length) return Infinity;
    for (let end = at + length; at < end; at++) out[at] = out[at - distance]!;
  }
}
