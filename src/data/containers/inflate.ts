import { inflateSync } from 'fflate';

/** Unpacked sizes above this are not handled here. */
export const mostInflated = 256 * 1024;

/** One byte longer than the result, to detect a stream that continues. */
const scratch = new Uint8Array(mostInflated + 1);

/**
 * Whether a deflate stream of this length can unpack to `unpacked` bytes. Inflating runs to the end of the stream, so
 * a stream that is far too long would cost time.
 */
export function isPlausiblyPacked(packed: number, unpacked: number): boolean {
  return unpacked <= mostInflated && packed <= 2 * unpacked + 1024;
}

/**
 * Inflates a whole deflate stream (RFC 1951) into the beginning of `out`, at most `mostInflated` bytes. Memory is
 * reused: allocating for each of fifty thousand pictures would exceed the size of the data set. Returns the number of
 * bytes, Infinity when there were more than `out` holds. Throws when the stream is damaged or truncated.
 */
export function inflateInto(packed: Uint8Array, out: Uint8Array): number {
  if (packed.length === 0) throw new Error('There is nothing to unpack.');
  const bytes = inflateSync(packed, { out: scratch.subarray(0, out.length + 1) });
  if (bytes.length > out.length) return Infinity;
  out.set(bytes);
  return bytes.length;
}
