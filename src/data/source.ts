/** A file to be read, wherever it lies: dropped, inside an archive, or unpacked in memory. */
import { freeBuffer } from './free-buffer';
import { Refusal } from './import-context';
import type { Size } from './resize';
import type { ScratchBuffer } from './scratch-buffer';

export interface Source {
  /** Path inside the data set, tidied; classes and splits are read from it. */
  path: string;
  /** How a message names it. */
  where: string;
  /** Length in bytes; for an entry of a zip only what the archive claims. */
  size: number;
  /**
   * The first `most` bytes, or all there are. Rejects with an `Unreadable` when the bytes are damaged and with a
   * refusal when a limit of the whole import is reached. The bytes may lie in `scratch`, which the caller lends.
   */
  read: (most: number, scratch?: ScratchBuffer) => Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes from `start` on, where they can be had without reading what lies before them. */
  readAt?: BytesAt;
  /** All bytes in stretches, of which none is kept, where they are not at hand. Rejects like `read`. */
  pieces?: () => AsyncGenerator<Uint8Array<ArrayBuffer>>;
  /** Where it lies in its archive, in bytes: many are read fastest in this order. */
  place?: number;
  /** Of a picture whose header lies within the first bytes: the size it states. */
  pictureSize?: Size;
  /** For a picture that a person put into a class. */
  className?: string;
}

/** Some bytes of a whole; fewer come back where it ends. */
export type BytesAt = (start: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

/** Bytes on disk or, when they came out of gzip, in memory. */
export type Whole = Blob | Uint8Array<ArrayBuffer>;

export function sizeOfWhole(whole: Whole): number {
  return whole instanceof Blob ? whole.size : whole.length;
}

/** Reads any bytes of a whole; those in memory are not copied. `where` names it should it vanish. */
export function bytesOf(whole: Whole, where: string): BytesAt {
  if (whole instanceof Blob) return (start, length) => readBlob(whole, start, length, where);
  return (start, length) => Promise.resolve(whole.subarray(start, start + length));
}

/** One source cannot be read; the others may be fine. The message completes the sentence "<where> ...". */
export class Unreadable extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'Unreadable';
  }
}

/** How much of a source decides what it is. */
export const headBytes = 4096;

export function sourceOf(path: string, where: string, whole: Whole): Source {
  const readAt = bytesOf(whole, where);
  return { path, where, size: sizeOfWhole(whole), read: (most) => readAt(0, most), readAt };
}

/** Bytes of a blob as they are on disk now: a file may have been moved or changed since it was dropped. */
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

/** The source's error as the words that follow "<where> "; anything but `Unreadable` is thrown on. */
export function whyUnreadable(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  throw error;
}

const stretch = 1024 * 1024;

/** All bytes of a source in stretches of about a megabyte or less, so that a large one is never held whole. */
export async function* piecesOf(source: Source): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { size, readAt } = source;
  if (source.pieces) yield* source.pieces();
  else if (readAt) for (let at = 0; at < size; at += stretch) yield await readAt(at, stretch);
  else yield await source.read(Infinity);
}

/** Joins pieces, and gives their memory back as they are copied: a large file is not held twice. */
export class Collector {
  private pieces: Uint8Array<ArrayBuffer>[] = [];
  length = 0;

  /** Takes a piece over; nobody else may use it any more. */
  add(piece: Uint8Array<ArrayBuffer>): void {
    this.length += piece.length;
    this.pieces.push(piece);
  }

  /** A copy of the first bytes that have come. */
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

  /** The first `most` bytes; nothing is left here. */
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

  /** Gives everything back. */
  clear(): void {
    for (const { buffer } of this.pieces) freeBuffer(buffer);
    this.pieces = [];
    this.length = 0;
  }
}
