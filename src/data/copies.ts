/** Files that an archive holds twice: in a folder of their own and beside it, with a dot for a hyphen. */
import type { Job } from './job';
import { baseName } from './paths';
import { Unreadable, type Source } from './source';

/**
 * The sources without those that equal another byte for byte under the same name; these are noted as left out. Names
 * are compared by their letters and digits, so that equal files of two splits stay.
 */
export async function withoutCopies(sources: readonly Source[], job: Job): Promise<Source[]> {
  const kept: Source[] = [];
  const byName = new Map<string, Source[]>();
  for (const source of sources) {
    const name = `${source.size} ${lettersOf(source)}`;
    const others = byName.get(name) ?? [];
    const twin = others.length > 0 ? await twinOf(source, others, job) : null;
    if (twin) {
      job.skip(source.where, `is a copy of ${twin.path}, which was read`);
      continue;
    }
    byName.set(name, [...others, source]);
    kept.push(source);
  }
  return kept;
}

function lettersOf({ path }: Source): string {
  return baseName(path)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}

async function twinOf(source: Source, others: readonly Source[], job: Job): Promise<Source | null> {
  const bytes = await bytesOf(source);
  if (!bytes) return null;
  for (const other of others) {
    await job.breathe();
    const otherBytes = await bytesOf(other);
    if (otherBytes && equal(bytes, otherBytes)) return other;
  }
  return null;
}

/** Null when they cannot be read; the reader of the format says so in its place. */
async function bytesOf(source: Source): Promise<Uint8Array | null> {
  try {
    return await source.read(Infinity);
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
