/** Small neighbouring pieces of a blob from one larger read: in a browser each slice costs a round trip. */
import { bytesOf, readBlob, type BytesAt, type Whole } from '../source';

const windowBytes = 4 * 1024 * 1024;

/** Reads pieces; fewer bytes come back where the whole ends. `where` names it should it vanish. */
export function windowOn(blob: Whole, where: string): BytesAt {
  if (!(blob instanceof Blob)) return bytesOf(blob, where);
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
