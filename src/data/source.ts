/** A file to be read, wherever its bytes are: dropped, inside an archive, or unpacked in memory. */
import { freeBuffer } from './free-buffer';
import { Refusal } from './import-context';
import type { Size } from './resize';
import type { ScratchBuffer } from './scratch-buffer';

export interface Source {
  /** Normalised path inside the data set; class and split are derived from it. */
  path: string;
  /** Name in messages. */
  where: string;
  /** Length in bytes; for a zip entry the size that the archive states. */
  size: number;
  /**
   * The first `most` bytes, or all. Rejects with `Unreadable` when the bytes are damaged, and with a refusal when a
   * limit of the import is reached. The bytes may lie in `scratch`, if the caller passes one.
   */
  read: (most: number, scratch?: ScratchBuffer) => Promise<Uint8Array<ArrayBuffer>>;
  /** Random access, where bytes can be read without those before them. */
  readAt?: BytesAt;
  /** All bytes in pieces that are not kept, for sources without random access. Rejects like `read`. */
  pieces?: () => AsyncGenerator<Uint8Array<ArrayBuffer>>;
  /** Offset in its archive, in bytes; reading in this order is fastest. */
  place?: number;
  /** Size that a picture's header states, if the header lies within the first bytes. */
  pictureSize?: Size;
  /** What the source calls a picture whose `path` only counts it; "" for nothing. */
  rowName?: string;
  /** Class of a picture that the user sorted on the page. */
  className?: string;
}

/** Reads a byte range; fewer bytes come back at the end. */
export type BytesAt = (start: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

/** Bytes on disk, or in memory when they came out of gzip. */
export type Whole = Blob | Uint8Array<ArrayBuffer>;

export function sizeOfWhole(whole: Whole): number {
  return whole instanceof Blob ? whole.size : whole.length;
}

/** Random access to a blob or an array. Bytes in memory are not copied. `where` names the file in an error. */
export function bytesOf(whole: Whole, where: string): BytesAt {
  if (whole instanceof Blob) return (start, length) => readBlob(whole, start, length, where);
  return (start, length) => Promise.resolve(whole.subarray(start, start + length));
}

/**
 * One source cannot be read; the import continues with the others. The message completes the sentence "<where> ...".
 */
export class Unreadable extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'Unreadable';
  }
}

/** Number of first bytes from which a format is recognised. */
export const headBytes = 4096;

export function sourceOf(path: string, where: string, whole: Whole): Source {
  const readAt = bytesOf(whole, where);
  return { path, where, size: sizeOfWhole(whole), read: (most) => readAt(0, most), readAt };
}

/** Reads a blob from disk. Rejects with a refusal when the file was moved or changed since it was chosen. */
export async function readBlob(
  blob: Blob,
  start: number,
  most: number,
  where: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const piece = blob.slice(start, Math.min(start + most, blob.size));
    return new Uint8Array(await piece.arrayBuffer());
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new Refusal(
      `${where} can no longer be read: it was moved, changed or locked after it was chosen. Choose it again.`,
    );
  }
}

/** The message of an `Unreadable`, which follows "<where> ". Other errors are rethrown. */
export function whyUnreadable(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  throw error;
}

const stretch = 1024 * 1024;

/** All bytes of a source in pieces of about a megabyte, so that a large one is never held whole. */
export async function* piecesOf(source: Source): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { size, readAt } = source;
  if (source.pieces) yield* source.pieces();
  else if (readAt) for (let at = 0; at < size; at += stretch) yield await readAt(at, stretch);
  else yield await source.read(Infinity);
}

/** Joins pieces and frees each as it is copied, so that a large file is not held twice. */
export class Collector {
  private pieces: Uint8Array<ArrayBuffer>[] = [];
  length = 0;

  /** Appends a piece and takes ownership of it. */
  add(piece: Uint8Array<ArrayBuffer>): void {
    this.length += piece.length;
    this.pieces.push(piece);
  }

  /** A copy of the first bytes added so far. */
  peek(most: number): Uint8Array<ArrayBuffer> {
    const head = new Uint8Array(Math.min(most, this.length));
    let at = 0;
    for (const piece of this.pieces) {
      if (at === head.length) break;
      const part = piece.subarray(0, head.length - at);
      head.set(part, at);
      at += part.length;
    }
    return head;
  }

  /** Returns the first `most` bytes and empties the collector. */
  bytes(most = Infinity): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(Math.min(this.length, most));
    let at = 0;
    for (const piece of this.pieces) {
      const part = piece.subarray(0, joined.length - at);
      joined.set(part, at);
      at += part.length;
      freeBuffer(piece.buffer);
    }
    this.clear();
    return joined;
  }

  /** Frees all pieces. */
  clear(): void {
    for (const { buffer } of this.pieces) freeBuffer(buffer);
    this.pieces = [];
    this.length = 0;
  }
}
