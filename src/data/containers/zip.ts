/** zip: the directory and the unpacking by zip.js, the trust in names and sizes by us. */
import { BlobReader, configure, ZipReader, type Entry, type FileEntry } from '@zip.js/zip.js';
import { Refusal, type Job } from '../job';
import { plural } from '../limits';
import { isJunk, pathProblem, tidyPath } from '../paths';
import { Collector, Unreadable, type Source } from '../source';

// An import runs in a worker of its own already.
configure({ useWebWorkers: false });

export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5 || head[2] === 7);
}

/** Entries up to this size are unpacked once and kept, within `keptTotal`; larger ones are read again when needed. */
const keptEntry = 1024 * 1024;
const keptTotal = 192 * 1024 * 1024;

/**
 * Lists the files of a zip. Entries that are encrypted, links, packed in an unknown way or unsafely named are noted
 * as left out; what operating systems add is passed over. Throws a refusal when the directory cannot be read.
 */
export async function* openZip(blob: Blob, where: string, job: Job): AsyncGenerator<Source> {
  const reader = new ZipReader(new BlobReader(blob), {
    strictness: 'tolerant',
    filenameValidation: 'tolerant',
    checkCrc32: true,
  });
  const memory = { left: keptTotal };
  let entries = 0;
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      await job.breathe();
      if (++entries > job.limits.entries)
        throw new Refusal(
          `${where} has more than ${plural(job.limits.entries, 'entry', 'entries')}, the limit.`,
        );
      if (entry.directory || isJunk(tidyPath(entry.filename))) continue;
      const place = `${where}: ${entry.filename}`;
      const problem = entryProblem(entry);
      if (problem) job.skip(place, problem);
      else yield zipSource(entry, place, job, memory);
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

function zipSource(entry: FileEntry, where: string, job: Job, memory: { left: number }): Source {
  let kept: Uint8Array<ArrayBuffer> | null = null;
  let counted = 0;
  const read = async (most: number): Promise<Uint8Array<ArrayBuffer>> => {
    if (kept) return kept.subarray(0, most);
    const keep = entry.uncompressedSize <= Math.min(keptEntry, memory.left);
    // The claimed size only chooses the way; what comes out is counted whatever it says.
    const wanted = keep ? Infinity : most;
    const collector = new Collector(job, counted);
    try {
      await entry.getData(
        new WritableStream<Uint8Array>({
          write(chunk) {
            collector.add(chunk);
            if (collector.length > entry.uncompressedSize) throw new Unreadable(wrongSize);
            if (collector.length >= wanted) throw new Enough();
          },
        }),
      );
    } catch (error) {
      if (!(error instanceof Enough)) throw entryError(error);
    } finally {
      counted = Math.max(counted, collector.length);
    }
    if (!keep || collector.length > memory.left) return collector.bytes(most);
    kept = collector.bytes();
    memory.left -= kept.length;
    return kept.subarray(0, most);
  };
  return { path: tidyPath(entry.filename), where, size: entry.uncompressedSize, read };
}

/** Thrown through zip.js to stop it when the beginning of an entry is all that is wanted. */
class Enough extends Error {}

const wrongSize = 'is damaged: it does not have the size the archive states';

function entryError(error: unknown): unknown {
  if (error instanceof Refusal || error instanceof Unreadable || error instanceof RangeError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/crc|signature/i.test(text)) return new Unreadable('is damaged: its checksum is wrong');
  if (/size/i.test(text)) return new Unreadable(wrongSize);
  return new Unreadable('is damaged and cannot be unpacked');
}

function readableError(error: unknown, where: string): unknown {
  if (error instanceof Refusal || error instanceof RangeError) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  const text = error instanceof Error ? error.message : String(error);
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
