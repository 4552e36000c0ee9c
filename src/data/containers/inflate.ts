import { inflateSync } from 'fflate';

/** Beyond this, unpacked, pieces are not small. */
export const mostInflated = 256 * 1024;

/** One byte more than asked for, to notice a stream that goes on. */
const scratch = new Uint8Array(mostInflated + 1);

/**
 * Whether a stream of so many bytes can be what `unpacked` bytes were packed to. Unpacking runs to the end of the
 * stream: one that is longer than it has reason to be could take its time.
 */
export function isPlausiblyPacked(packed: number, unpacked: number): boolean {
  return unpacked <= mostInflated && packed <= 2 * unpacked + 1024;
}

/**
 * Unpacks a whole deflate stream (RFC 1951) to the beginning of `out`, which holds `mostInflated` bytes at most: new
 * memory for each of fifty thousand pictures would outweigh the set. Returns how many bytes came, Infinity when there
 * were more than `out` holds. Throws when the stream is damaged or cut off.
 */
export function inflateInto(packed: Uint8Array, out: Uint8Array): number {
  if (packed.length === 0) throw new Error('There is nothing to unpack.');
  const bytes = inflateSync(packed, { out: scratch.subarray(0, out.length + 1) });
  if (bytes.length > out.length) return Infinity;
  out.set(bytes);
  return bytes.length;
}
