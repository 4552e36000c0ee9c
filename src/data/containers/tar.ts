/** tar: 512-byte headers, plain files only. Entries are views of the whole archive; nothing is copied. */
import { isJunk, pathProblem, tidyPath } from '../paths';
import { Refusal, type ImportContext } from '../import-context';
import { sizeOfWhole, type Source, type Whole } from '../source';
import { plural } from '../limits';
import { windowOn } from './window';

const block = 512;
/** Longer than the longest path that file systems allow, because a PAX header may hold other records too. */
const longestPath = 4096;
const longestNote = 65_536;

/** Whether the first header has the `ustar` magic and a correct checksum. */
export function isTar(head: Uint8Array): boolean {
  return head.length >= block && ascii(head, 257, 5) === 'ustar' && checksumHolds(head.subarray(0, block));
}

/**
 * Lists the plain files of a tar. Links, devices and unsafe paths are reported as left out. Throws a refusal when a
 * header is damaged or there are too many entries. A truncated file ends the list and is reported.
 */
export async function* openTar(whole: Whole, where: string, context: ImportContext): AsyncGenerator<Source> {
  const bytesAt = windowOn(whole, where);
  const end = sizeOfWhole(whole);
  let at = 0;
  let entries = 0;
  /** Long names come as separate entries before the entry that they name. */
  let nextPath: string | null = null;
  while (at + block <= end) {
    await context.yieldToMessages();
    const header = await bytesAt(at, block);
    if (header.every((byte) => byte === 0)) return;
    if (!checksumHolds(header))
      throw new Refusal(
        `${where} is damaged at byte ${at}: the checksum of a tar header is wrong. Pack it again.`,
      );
    if (++entries > context.limits.entries)
      throw new Refusal(
        `${where} has more than ${plural(context.limits.entries, 'entry', 'entries')}, the limit.`,
      );
    const size = sizeOf(header);
    const start = at + block;
    const type = String.fromCharCode(header[156]!);
    const rawPath = nextPath ?? headerPath(header);
    const place = `${where}: ${rawPath}`;
    if (size === null || start + size > end) {
      context.skip(place, 'is cut off: the archive ends before it does');
      return;
    }
    at = start + Math.ceil(size / block) * block;
    // Type "K" is the long name of a link's target.
    if (type === 'K') continue;
    if (type === 'L' || type === 'x' || type === 'g') {
      const text = new TextDecoder().decode(await bytesAt(start, Math.min(size, longestNote)));
      if (type === 'L') nextPath = text.replace(/\0.*$/s, '');
      if (type === 'x') nextPath = paxPath(text) ?? nextPath;
      continue;
    }
    nextPath = null;
    if (type === '5' || rawPath.endsWith('/')) continue;
    const path = tidyPath(rawPath);
    if (isJunk(path)) continue;
    const tooLong = rawPath.length > longestPath ? 'has a name of too many letters' : null;
    const problem = typeProblem(type) ?? pathProblem(rawPath) ?? tooLong;
    if (problem) context.skip(place, problem);
    else {
      const readAt = (from: number, length: number) =>
        bytesAt(start + from, Math.max(0, Math.min(length, size - from)));
      yield { path, where: place, size, place: start, read: (most) => readAt(0, most), readAt };
    }
  }
  context.warn(
    `${where} lacks the mark at the end of a tar archive; it may have been cut off between two files, so check the counts.`,
  );
}

function typeProblem(type: string): string | null {
  if (type === '0' || type === '\0' || type === '7') return null;
  if (type === '1' || type === '2') return 'is a link, not a file';
  return 'is not a plain file';
}

function headerPath(header: Uint8Array): string {
  const name = text(header, 0, 100);
  const prefix = ascii(header, 257, 6) === 'ustar\0' ? text(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** The `path` record of a PAX header: lines of "LENGTH key=value". */
function paxPath(records: string): string | null {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(records)?.[1] ?? null;
}

/** Octal text, or big-endian binary when the first bit is set. Null when it is neither, or too large. */
function sizeOf(header: Uint8Array): number | null {
  const field = header.subarray(124, 136);
  if ((field[0]! & 0x80) === 0) {
    const octal = text(header, 124, 12).trim();
    return /^[0-7]*$/.test(octal) ? parseInt(octal || '0', 8) : null;
  }
  let size = field[0]! & 0x7f;
  for (const byte of field.subarray(1)) size = size * 256 + byte;
  return Number.isSafeInteger(size) ? size : null;
}

function checksumHolds(header: Uint8Array): boolean {
  const claimed = parseInt(text(header, 148, 8).trim(), 8);
  let unsigned = 0;
  let signed = 0;
  for (let i = 0; i < block; i++) {
    const byte = i >= 148 && i < 156 ? 32 : header[i]!;
    unsigned += byte;
    // Some old programs summed the bytes as signed.
    signed += byte > 127 ? byte - 256 : byte;
  }
  return claimed === unsigned || claimed === signed;
}

function text(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function ascii(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}
