/** gzip, unpacked by the browser in chunks; unpacked bytes are counted as they arrive. */
import { Collector, Unreadable } from '../source';
import type { ImportContext } from '../import-context';
import { decompressed, isNoDamage } from './decompress';
import { sentenceOf } from '../../limits/texts';

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

/** Largest useful length of a file with these first bytes; the rest need not be unpacked. */
export type LengthAllowed = (head: Uint8Array) => number;

const headBytes = 4096;

/**
 * Up to this length bytes are kept as they arrive. Longer content is counted to its end first, then unpacked again
 * into one allocation.
 */
export const keptAtOnce = 192 * 1024 * 1024;

/**
 * Unpacks a whole gzip file. Throws `Unreadable` when it is truncated or damaged (the checksum is verified), and a
 * refusal at the limit of unpacked bytes. Content longer than `allowed` comes back truncated at that length or before
 * it. `kept` exists for tests.
 */
export async function gunzip(
  packed: Blob,
  context: ImportContext,
  allowed: LengthAllowed = () => Infinity,
  kept = keptAtOnce,
): Promise<Uint8Array<ArrayBuffer>> {
  const collector = new Collector();
  let length = 0;
  let most = Infinity;
  let head: Uint8Array<ArrayBuffer> | null = null;
  let isKept = true;
  for await (const piece of unpacking(packed, context)) {
    context.countUnpacked(piece.length);
    length += piece.length;
    if (isKept) collector.add(piece);
    if (!head && length >= headBytes) most = allowed((head = collector.peek(headBytes)));
    if (length > most) break;
    if (isKept && length > kept) {
      isKept = false;
      collector.clear();
    }
  }
  if (isKept) return collector.bytes(most);
  // Content that is longer than its format allows is not read further.
  return length > most ? head! : unpackAgain(packed, length, context);
}

/** Unpacks the first `length` bytes; the content is known to be that long. */
async function unpackAgain(
  packed: Blob,
  length: number,
  context: ImportContext,
): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(length);
  let at = 0;
  for await (const piece of unpacking(packed, context)) {
    const part = piece.subarray(0, length - at);
    whole.set(part, at);
    at += part.length;
    if (at === length) break;
  }
  return whole;
}

/** The first unpacked bytes. Throws like `gunzip`. */
export async function gunzipHead(
  packed: Blob,
  most: number,
  context: ImportContext,
): Promise<Uint8Array<ArrayBuffer>> {
  const collector = new Collector();
  for await (const piece of unpacking(packed, context)) {
    collector.add(piece);
    if (collector.length >= most) break;
  }
  return collector.bytes(most);
}

/** Number of unpacked bytes, counted and verified to the end without keeping any. Throws like `gunzip`. */
export async function gunzipLength(packed: Blob, context: ImportContext): Promise<number> {
  let length = 0;
  for await (const piece of unpacking(packed, context)) {
    context.countUnpacked(piece.length);
    length += piece.length;
  }
  return length;
}

/** The unpacked content in pieces, not counted. Throws `Unreadable` when it is truncated or damaged. */
export async function* unpacking(
  packed: Blob,
  context: ImportContext,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  try {
    for await (const piece of decompressed(packed, 'gzip')) {
      yield piece;
      await context.yieldToMessages();
    }
  } catch (error) {
    if (isNoDamage(error)) throw error;
    throw new Unreadable(whyBroken(error));
  }
}

/** Browsers and Node word these errors differently; the user needs to distinguish two causes. */
function whyBroken(error: unknown): string {
  const text = sentenceOf(error);
  if (/truncated|unexpected end/i.test(text))
    return 'is a gzip file that ends too early: it was cut off; download or copy it again';
  if (/junk/i.test(text))
    return 'is a gzip file with more after its end, perhaps several joined into one; unpack it and drop what comes out';
  return 'is a damaged gzip file (its checksum or its structure is wrong); download or copy it again';
}
