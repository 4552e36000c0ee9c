/** Fetches a file of the page's own origin by its path under `public/`. `self.name` is the page's folder (`start-worker.ts`). */
export async function fetchAsset(path: string): Promise<ArrayBuffer> {
  const response = await fetch(new URL(path, self.name));
  if (!response.ok)
    throw new Error(`The page could not load ${path} (${response.status}). Reload the page and try again.`);
  return response.arrayBuffer();
}
