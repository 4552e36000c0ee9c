/**
 * Serves small neighbouring reads of a blob from one larger read, because each slice costs the browser a round trip.
 */
import { bytesOf, readBlob, type BytesAt, type Whole } from '../source';

const windowBytes = 1024 * 1024;
const nothing = Promise.resolve(new Uint8Array(0));

/**
 * Reads byte ranges; fewer bytes come back at the end of the blob. Fast for ranges requested in ascending order, also
 * several at a time. A result is a view of the window: copy it before keeping or changing it. `where` names the blob
 * in an error.
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
