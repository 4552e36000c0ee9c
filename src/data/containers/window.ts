/** Small neighbouring pieces of a blob from one larger read: in a browser each slice costs a round trip. */
import { readBlob } from '../source';

export type BytesAt = (start: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

const windowBytes = 4 * 1024 * 1024;

/** Reads pieces of a blob; fewer bytes come back where the blob ends. `where` names it should it vanish. */
export function windowOn(blob: Blob, where: string): BytesAt {
  let windowStart = 0;
  let held = new Uint8Array(0);
  return async (start, length) => {
    if (length > windowBytes) return readBlob(blob, start, length, where);
    const isHeld = start >= windowStart && start + length <= windowStart + held.length;
    if (!isHeld) {
      held = await readBlob(blob, start, windowBytes, where);
      windowStart = start;
    }
    return held.slice(start - windowStart, start - windowStart + length);
  };
}
