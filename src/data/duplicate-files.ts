/** Finds files that an archive holds twice, such as in a folder and beside it with a dot in place of a hyphen. */
import { crc32 } from './containers/crc32';
import type { ImportContext } from './import-context';
import { baseName, roleOfPath } from './paths';
import { piecesOf, Unreadable, type Source } from './source';

/**
 * Removes sources that equal another byte for byte and have the same name; they are reported as left out. Names are
 * compared by letters and digits only. Copies in another split stay, because the label files of two splits are often
 * equal.
 */
export async function withoutDuplicates(
  sources: readonly Source[],
  context: ImportContext,
): Promise<Source[]> {
  const byName = new Map<string, Source[]>();
  for (const source of sources) byName.set(nameOf(source), [...(byName.get(nameOf(source)) ?? []), source]);
  const checksums = new Map<Source, number | null>();
  for (const source of [...byName.values()].filter(({ length }) => length > 1).flat())
    checksums.set(source, await checksumOf(source, context));
  return sources.filter((source) => {
    const sameName = byName.get(nameOf(source))!;
    const sum = checksums.get(source) ?? null;
    const first = sum === null ? source : sameName.find((other) => checksums.get(other) === sum)!;
    if (first !== source) context.skip(source.where, `is a copy of ${first.path}, which was read`);
    return first === source;
  });
}

function nameOf({ path, size }: Source): string {
  const letters = baseName(path)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
  return `${size} ${roleOfPath(path)} ${letters}`;
}

/** Null when the source cannot be read; the format's reader reports it. */
async function checksumOf(source: Source, context: ImportContext): Promise<number | null> {
  let sum = 0;
  try {
    for await (const piece of piecesOf(source)) {
      sum = crc32(piece, sum);
      await context.yieldToMessages();
    }
    return sum;
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}
