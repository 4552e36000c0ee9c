import type { Dataset } from '../data/dataset';
import type { WeightFile } from '../nn/read-weights';

/** Reads a file of the page's own origin: by fetch in a worker, from disk in tests. */
export type FetchAsset = (path: string) => Promise<ArrayBuffer>;

/** Files of an imported teacher by their checksum; null when they are not stored. */
export type ImportedFiles = (file: string) => Promise<readonly WeightFile[] | null>;

/** Where further sets of a run come from. */
export interface SetSources {
  fetchAsset: FetchAsset;
  /**
   * Opens a set of the user's own by its digest; missing where none is kept.
   * @throws Error (by rejection) with a sentence when it is not there
   */
  ownSet?: ((hash: string) => Promise<Dataset>) | undefined;
}
