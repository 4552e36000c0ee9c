/** Messages between the page and the import worker: types only. */
import type { ImportChoices, ImportFile, ImportReport } from '../data/import-report';
import type { SetEdit } from '../data/edit';
import type { SetHandle, SetRef } from '../storage/set-handle';

export type ImportProtocol = {
  calls: {
    /** Reads files as one data set; those sent ahead come first. With `store` it is written where sets are stored. */
    read: {
      takes: { files: ImportFile[]; choices: ImportChoices; store: boolean };
      gives: { report: ImportReport; set: SetHandle | null };
    };
    /** Applies a user's changes to a set. The result is a new set, returned like an imported one. */
    change: { takes: { set: SetRef; edit: SetEdit; store: boolean }; gives: SetHandle };
    /** Packs a set as a zip of class folders, as it is or changed by hand. */
    pack: { takes: { set: SetRef; edit: SetEdit | null }; gives: Blob };
    /** Reads a bundled set for display. Rejects with a sentence when it cannot be fetched. */
    bundled: { takes: string; gives: SetHandle };
  };
  part: ImportFile[];
  gathered: ImportFile[];
  command: never;
  event: never;
};
