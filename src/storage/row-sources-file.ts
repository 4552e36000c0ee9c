/** Names of the rows of a set in a file beside it: its digest, and sets that came without names, stay as they are. */
import * as z from 'zod/mini';
import type { Dataset, RowSources, Split } from '../data/dataset';
import type { Files } from './file-system';

const version = 1;
/** Bytes of the largest file that is read. */
const largest = 256 * 1024 * 1024;

const rowSources = z.object({
  names: z.optional(z.array(z.string())),
  places: z.optional(z.array(z.int().check(z.nonnegative(), z.maximum(2 ** 31 - 1)))),
});

const file = z.object({ version: z.literal(version), train: rowSources, test: rowSources });

type Rows = Pick<Split, 'count'>;

/** @returns undefined for a set whose rows have no names */
export function packSources({ train, test }: Pick<Dataset, 'train' | 'test'>): Blob | undefined {
  if (!train.sources && !test.sources) return undefined;
  const plain = ({ names, places }: RowSources = {}) => ({
    ...(names ? { names } : {}),
    ...(places ? { places: Array.from(places) } : {}),
  });
  return new Blob([JSON.stringify({ version, train: plain(train.sources), test: plain(test.sources) })]);
}

/** @returns null where the file is damaged, newer than this page or of another set: a set is whole without it */
export async function unpackSources(
  packed: Blob,
  { train, test }: { train: Rows; test: Rows },
): Promise<{ train: RowSources; test: RowSources } | null> {
  if (packed.size > largest) return null;
  try {
    const found = file.parse(JSON.parse(await packed.text()));
    const sources = { train: sourcesOf(found.train), test: sourcesOf(found.test) };
    return fits(sources.train, train) && fits(sources.test, test) ? sources : null;
  } catch {
    return null;
  }
}

function sourcesOf({ names, places }: z.infer<typeof rowSources>): RowSources {
  return { ...(names ? { names } : {}), ...(places ? { places: Int32Array.from(places) } : {}) };
}

function fits({ names, places }: RowSources, { count }: Rows): boolean {
  return (names?.length ?? count) === count && (places?.length ?? count) === count;
}

/** A set with the names of a file beside it, where they are of its rows. */
export async function withSources(dataset: Dataset, packed?: Blob): Promise<Dataset> {
  const found = packed && (await unpackSources(packed, dataset));
  if (!found) return dataset;
  const { train, test } = dataset;
  return {
    ...dataset,
    train: { ...train, sources: found.train },
    test: { ...test, sources: found.test },
  };
}

/** Writes them unless the file holds the same. @throws DOMException, StorageFault */
export async function writeSources(files: Files, path: string, sources: Blob): Promise<void> {
  const before = await files.blob(path).catch(() => null);
  if (before?.size === sources.size && (await before.text()) === (await sources.text())) return;
  await files.remove(path);
  await files.write(path, [sources]);
}
