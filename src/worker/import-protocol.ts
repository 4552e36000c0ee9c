/** What the import worker does: types only. */
import type { Dataset, ImportChoices, ImportFile, ImportReport } from '../data/dataset';

export type ImportProtocol = {
  calls: {
    /** Reads files as one data set; those sent ahead come first. The set comes with the name that it has in the storage. */
    read: {
      takes: { files: ImportFile[]; choices: ImportChoices };
      gives: { report: ImportReport; dataset: Dataset | null; name: string | null };
    };
    /** Packs a set as a zip of class folders. */
    pack: { takes: Dataset; gives: Blob };
    /** Reads a bundled set for the page's thumbnails. Rejects with a sentence when it cannot be fetched. */
    bundled: { takes: string; gives: Dataset };
  };
  part: ImportFile[];
  gathered: ImportFile[];
  command: never;
  event: never;
};
