/** How a run gets at files of the page's own origin: by fetch in a worker, from disk in tests. */
export type FetchAsset = (path: string) => Promise<ArrayBuffer>;
