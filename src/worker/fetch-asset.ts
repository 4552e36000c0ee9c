import { RunFailure } from '../training/failure';

/**
 * Fetches a file of the page's own origin by its path under `public/`. `self.name` is the page's folder (`start-worker.ts`).
 * @throws RunFailure with a sentence when it cannot be loaded
 */
export async function fetchAsset(path: string): Promise<ArrayBuffer> {
  const failure = (why: string, cause?: unknown) =>
    new RunFailure(
      `The page could not load ${path} (${why}). Check the connection, reload the page and try again.`,
      cause === undefined ? {} : { cause },
    );
  const response = await fetch(new URL(path, self.name)).catch((error: unknown) => {
    throw failure('no answer', error);
  });
  if (!response.ok) throw failure(String(response.status));
  return response.arrayBuffer();
}

/** Bytes of the files that stay at hand. */
const mostKept = 8 * 2 ** 20;

/**
 * Fetches as `fetchAsset`, and keeps the files that were asked for last: most runs of a worker want the teacher of the one
 * before. What it gives must not be changed.
 * @param load replaced in tests
 */
export function keptAssets(load = fetchAsset): typeof fetchAsset {
  const kept = new Map<string, ArrayBuffer>();
  return async (path) => {
    const file = kept.get(path) ?? (await load(path));
    kept.delete(path);
    kept.set(path, file);
    let bytes = [...kept.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    for (const [oldest, { byteLength }] of kept) {
      if (bytes <= mostKept) break;
      kept.delete(oldest);
      bytes -= byteLength;
    }
    return file;
  };
}
