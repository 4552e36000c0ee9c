/**
 * Files of the page's own origin, by their path under `public/`.
 * A built worker lies in `assets/`, one below the page; in development Vite serves it from the source tree.
 */
const root = import.meta.env.DEV
  ? new URL(import.meta.env.BASE_URL, self.location.origin)
  : new URL('../', self.location.href);

export async function fetchAsset(path: string): Promise<ArrayBuffer> {
  const response = await fetch(new URL(path, root));
  if (!response.ok)
    throw new Error(`The page could not load ${path} (${response.status}). Reload the page and try again.`);
  return response.arrayBuffer();
}
