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
