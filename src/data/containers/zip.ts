/**
 * zip: zip.js reads the directory. Entries are unpacked here, because creating a stream for each of fifty thousand
 * pictures takes longer than decoding them.
 */
import { BlobReader, ZipReader, type Entry, type FileEntry } from '@zip.js/zip.js';
import { Inflate } from 'fflate';
import { Refusal, type ImportContext } from '../import-context';
import { plural } from '../limits';
import { isJunk, pathProblem, tidyPath } from '../paths';
import type { Size } from '../resize';
import { ScratchBuffer } from '../scratch-buffer';
import { Collector, Unreadable, type BytesAt, type Source } from '../source';
import { crc32 } from './crc32';
import { inflateInto, isPlausiblyPacked } from './inflate';
import { decompressed, isNoDamage } from './decompress';
import { windowOn } from './window';
import { sentenceOf } from '../../limits/texts';

export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5 || head[2] === 7);
}

/**
 * Lists the files of a zip. Entries that are encrypted, symbolic links, compressed with an unknown method or unsafely
 * named are reported as left out; files that operating systems add are skipped. Throws a refusal when the directory
 * cannot be read.
 */
export async function* openZip(blob: Blob, where: string, context: ImportContext): AsyncGenerator<Source> {
  const reader = new ZipReader(new BlobReader(blob), {
    strictness: 'tolerant',
    filenameValidation: 'tolerant',
    useWebWorkers: false,
  });
  const archive = { where, blob, bytesAt: windowOn(blob, where), context };
  let entries = 0;
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      await context.yieldToMessages();
      if (++entries > context.limits.entries)
        throw new Refusal(
          `${where} has more than ${plural(context.limits.entries, 'entry', 'entries')}, the limit.`,
        );
      if (entry.directory || isJunk(tidyPath(entry.filename))) continue;
      const problem = entryProblem(entry);
      if (problem) context.skip(placeIn(where, entry.filename), problem);
      else yield new ZipEntry(entry, archive);
    }
  } catch (error) {
    throw readableError(error, where);
  } finally {
    await reader.close();
  }
}

function entryProblem(entry: Entry): string | null {
  const path = pathProblem(entry.filename);
  if (path) return path;
  if (entry.symlink) return 'is a symbolic link';
  if (entry.encrypted) return 'is encrypted; pack it again without a password';
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    return `is packed with method ${entry.compressionMethod}, which is not supported; pack it again as an ordinary zip`;
  return null;
}

interface Archive {
  where: string;
  blob: Blob;
  bytesAt: BytesAt;
  context: ImportContext;
}

/**
 * A file in a zip. Holds only what unpacking needs, because an archive may have two hundred thousand entries.
 * Unpacked bytes are not kept: reading a picture again takes less memory.
 */
class ZipEntry implements Source {
  path: string;
  /** As stated in the directory. */
  readonly size: number;
  /** Offset of the local header. */
  readonly place: number;
  readonly packedSize: number;
  readonly isStored: boolean;
  readonly crc: number;
  /** Initialised here, so that all entries share one hidden class. */
  pictureSize?: Size;
  /** As written in the archive. */
  private readonly name: string;
  /** Unpacked bytes that have been counted against the limit. */
  private counted = 0;

  constructor(
    entry: FileEntry,
    private readonly archive: Archive,
  ) {
    const path = tidyPath(entry.filename);
    // Shares one string where both are equal.
    this.path = path === entry.filename ? entry.filename : path;
    this.name = entry.filename;
    this.size = entry.uncompressedSize;
    this.place = entry.offset;
    this.packedSize = entry.compressedSize;
    this.isStored = entry.compressionMethod === 0;
    // -1 when the entry has no checksum; it then counts as damaged.
    this.crc = entry.crc32 ?? -1;
  }

  get where(): string {
    return placeIn(this.archive.where, this.name);
  }

  async read(most: number, scratch = new ScratchBuffer()): Promise<Uint8Array<ArrayBuffer>> {
    const { archive } = this;
    if (isSmall(this)) {
      const bytes = await unpackSmall(this, scratch, archive);
      this.count(bytes.length);
      return bytes.subarray(0, most);
    }
    const collector = new Collector();
    for await (const piece of this.unpacked(most)) collector.add(piece);
    return collector.bytes(most);
  }

  async *pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    if (isSmall(this)) yield await this.read(Infinity);
    else yield* this.unpacked(Infinity);
  }

  /** Unpacks in pieces until `most` bytes have arrived. A complete entry is checked against its size and checksum. */
  private async *unpacked(most: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    let length = 0;
    let checksum = 0;
    for await (const piece of unpacking(this, most >= this.size, this.archive)) {
      length += piece.length;
      this.count(length);
      if (length > this.size) throw new Unreadable(wrongSize);
      checksum = crc32(piece, checksum);
      yield piece;
      if (length >= most) return;
    }
    if (length !== this.size) throw new Unreadable(wrongSize);
    if (checksum !== this.crc) throw new Unreadable(wrongChecksum);
  }

  /** Counts unpacked bytes against the limit, each byte once however often the entry is read. */
  private count(length: number): void {
    const { counted } = this;
    this.counted = Math.max(counted, length);
    this.archive.context.countUnpacked(this.counted - counted);
  }
}

function placeIn(archive: string, name: string): string {
  return `${archive}: ${name}`;
}

/** Entries of up to this packed size are unpacked whole even when only the beginning is wanted. */
const smallEntry = 64 * 1024;

function isSmall({ packedSize, size }: ZipEntry): boolean {
  return packedSize <= smallEntry && isPlausiblyPacked(packedSize, size);
}

async function unpackSmall(
  entry: ZipEntry,
  scratch: ScratchBuffer,
  { bytesAt }: Archive,
): Promise<Uint8Array<ArrayBuffer>> {
  const start = await dataStart(entry, bytesAt);
  const packed = await bytesAt(start, entry.packedSize);
  if (packed.length < entry.packedSize) throw new Unreadable(cutOff);
  if (entry.isStored && packed.length !== entry.size) throw new Unreadable(wrongSize);
  const bytes = scratch.of(entry.size);
  if (entry.isStored) bytes.set(packed);
  else inflate(packed, bytes);
  if (crc32(bytes) !== entry.crc) throw new Unreadable(wrongChecksum);
  return bytes;
}

function inflate(packed: Uint8Array, bytes: Uint8Array): void {
  let length: number;
  try {
    length = inflateInto(packed, bytes);
  } catch {
    throw new Unreadable(broken);
  }
  if (length !== bytes.length) throw new Unreadable(wrongSize);
}

/** Entries from this packed size on are unpacked by the browser, which is faster once it has started. */
const largeEntry = 512 * 1024;

/** Packed bytes per step. Deflate expands at most about a thousandfold, so that a wrong size is noticed early. */
const packedStep = 16 * 1024;
/** The first step is smaller: most readers need the head only, and 16 kB may expand to 16 MB. */
const firstStep = 1024;

type Pieces = AsyncGenerator<Uint8Array<ArrayBuffer>>;

/** The unpacked bytes of an entry in pieces, not verified. The caller owns each piece. */
async function* unpacking(entry: ZipEntry, whole: boolean, archive: Archive): Pieces {
  const start = await dataStart(entry, archive.bytesAt);
  if (!entry.isStored && whole && entry.packedSize >= largeEntry)
    yield* inflatedByBrowser(entry, start, archive);
  else yield* inSteps(entry, start, archive);
}

async function* inSteps(
  { isStored, packedSize }: ZipEntry,
  start: number,
  { bytesAt, context }: Archive,
): Pieces {
  let unpacked: Uint8Array<ArrayBuffer>[] = [];
  const inflater = isStored ? null : new Inflate((piece) => unpacked.push(piece as Uint8Array<ArrayBuffer>));
  let step = firstStep;
  for (let at = 0; at < packedSize; at += step, step = Math.min(packedStep, 2 * step)) {
    await context.yieldToMessages();
    const part = await bytesAt(start + at, Math.min(step, packedSize - at));
    if (part.length === 0) throw new Unreadable(cutOff);
    if (inflater) push(inflater, part, at + step >= packedSize);
    else unpacked.push(part.slice());
    yield* unpacked;
    unpacked = [];
  }
}

async function* inflatedByBrowser(
  { packedSize }: ZipEntry,
  start: number,
  { blob, context }: Archive,
): Pieces {
  try {
    for await (const piece of decompressed(blob.slice(start, start + packedSize), 'deflate-raw')) {
      yield piece;
      await context.yieldToMessages();
    }
  } catch (error) {
    if (isNoDamage(error)) throw error;
    throw new Unreadable(broken);
  }
}

function push(inflate: Inflate, part: Uint8Array, last: boolean): void {
  try {
    inflate.push(part, last);
  } catch (error) {
    if (isNoDamage(error)) throw error;
    throw new Unreadable(broken);
  }
}

/** Offset of the data: behind the local header, whose name and extra field have their own lengths. */
async function dataStart(entry: ZipEntry, bytesAt: BytesAt): Promise<number> {
  const headerBytes = 30;
  const header = await bytesAt(entry.place, headerBytes);
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (header.length < headerBytes || view.getUint32(0, true) !== 0x04034b50)
    throw new Unreadable('is damaged: there is no entry where the archive places it');
  return entry.place + headerBytes + view.getUint16(26, true) + view.getUint16(28, true);
}

const wrongSize = 'is damaged: it does not have the size the archive states';
const wrongChecksum = 'is damaged: its checksum is wrong';
const broken = 'is damaged and cannot be unpacked';
const cutOff = 'is cut off: the archive ends before it does';

function readableError(error: unknown, where: string): unknown {
  if (error instanceof Refusal || error instanceof RangeError) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  const text = sentenceOf(error);
  if (/end of central directory|format is not recognized/i.test(text))
    return new Refusal(
      `${where} has no table of contents at its end: the zip was cut off. Download or pack it again.`,
      'zip',
    );
  if (/split/i.test(text))
    return new Refusal(`${where} is one part of a split zip. Join the parts or pack it as one file.`, 'zip');
  if (/encrypted/i.test(text))
    return new Refusal(`${where} is encrypted. Pack it again without a password.`, 'zip');
  return new Refusal(`${where} is a damaged zip (${text}). Download or pack it again.`, 'zip');
}
