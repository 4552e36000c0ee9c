import type { WeightFile } from '../nn/read-weights';

/** Reads a file of the page's own origin: by fetch in a worker, from disk in tests. */
export type FetchAsset = (path: string) => Promise<ArrayBuffer>;

/** Files of an imported teacher by their checksum; null when they are not stored. */
export type ImportedFiles = (file: string) => Promise<readonly WeightFile[] | null>;
