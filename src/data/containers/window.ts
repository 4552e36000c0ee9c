/** Small neighbouring pieces of a blob from one larger read: in a browser each slice costs a round trip. */
import { bytesOf, readBlob, type BytesAt, type Whole } from '../source';

const windowBytes = 1024 * 1024;
const nothing = Promise.resolve(new Uint8Array(0));

/**
 * Reads pieces; fewer bytes come back where the whole ends. Fast for pieces asked for in the order in which they lie,
 * several at a time too. A piece is a view that is gone as soon as something else is awaited: copy what is kept or
 * changed. `where` names the blob should it vanish.
 */
export function windowOn(blob: Whole, where: string): BytesAt {
  if (!(blob instanceof Blob)) return bytesOf(blob, where);
  /** Memory of windows that are over: the browser would let a dozen of them pile up. */
  const spare: ArrayBuffer[] = [];
  const readWindow = (start: number) =>
    readBlob(blob, start, windowBytes, where, spare.pop() ?? new ArrayBuffer(windowBytes));
  let held = { start: 0, end: 0, bytes: nothing };
  return async (start, length) => {
    if (length > windowBytes) return readBlob(blob, start, length, where);
    if (start < held.start || Math.min(start + length, blob.size) > held.end) {
      const before = held.bytes;
      held = { start, end: start + windowBytes, bytes: readWindow(start) };
      void whenOver(before, held.bytes).then((bytes) => bytes && spare.push(bytes.buffer));
    }
    const window = held;
    const bytes = await window.bytes;
    return bytes.subarray(start - window.start, start - window.start + length);
  };
}

/** A window when nobody looks at it any more; null for one that has no memory of its own. */
async function whenOver(
  window: Promise<Uint8Array<ArrayBuffer>>,
  next: Promise<unknown>,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const [over] = await Promise.allSettled([window, next]);
  // Everybody who awaited it has had it after one more turn.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return over.status === 'fulfilled' && over.value.buffer.byteLength === windowBytes ? over.value : null;
}
