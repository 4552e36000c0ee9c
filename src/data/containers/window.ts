/** Small neighbouring pieces of a blob from one larger read: in a browser each slice costs a round trip. */
import { bytesOf, readBlob, type BytesAt, type Whole } from '../source';

const windowBytes = 1024 * 1024;
const nothing = Promise.resolve(new Uint8Array(0));

/**
 * Reads pieces; fewer bytes come back where the whole ends. Fast for pieces asked for in the order in which they lie,
 * several at a time too. A piece is a view of the window: copy what is kept or changed. `where` names the blob should
 * it vanish.
 */
export function windowOn(blob: Whole, where: string): BytesAt {
  if (!(blob instanceof Blob)) return bytesOf(blob, where);
  let held = { start: 0, end: 0, bytes: nothing };
  return async (start, length) => {
    if (length > windowBytes) return readBlob(blob, start, length, where);
    if (start < held.start || Math.min(start + length, blob.size) > held.end) {
      held = { start, end: start + windowBytes, bytes: readBlob(blob, start, windowBytes, where) };
    }
    const window = held;
    const bytes = await window.bytes;
    return bytes.subarray(start - window.start, start - window.start + length);
  };
}
