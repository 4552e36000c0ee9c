import type { WeightFile } from '../nn/read-weights';

/** How a run gets at files of the page's own origin: by fetch in a worker, from disk in tests. */
export type FetchAsset = (path: string) => Promise<ArrayBuffer>;

/** How a run gets at a teacher that the person has brought, by the checksum of its files; null when it is not here. */
export type ImportedFiles = (file: string) => Promise<readonly WeightFile[] | null>;
