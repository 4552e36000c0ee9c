import type { ImportChoices, ImportFile, ImportReport } from '../../../data/import-report';
import type { SetEdit } from '../../../data/edit';
import { refOf, type SetHandle } from '../../../storage/set-handle';
import { download, fileName } from '../../download';
import { isRunFile } from '../library/library-store';
import type { DataSlice } from './data-store';
import { sentenceOf } from '../../../limits/texts';
import type { RunningTask } from '../../../worker/import-client';
import type { OnProgress } from '../../../worker/rpc';

export interface Candidate {
  report: ImportReport;
  /** Null when the files were refused. */
  set: SetHandle | null;
  /** What was read, to be read again with other choices. */
  files: ImportFile[];
  choices: ImportChoices;
}

/** What the import worker does for the page: reading files, changing and packing sets. */
export interface DatasetImportSlice {
  /** Read, but not yet taken. */
  candidate: Candidate | null;
  importing: { text: string; share: number | null } | null;
  importFiles: (files: ImportFile[], choices?: ImportChoices) => Promise<void>;
  /** Ends the import or export under way. */
  cancelImport: () => void;
  takeCandidate: () => void;
  refuseCandidate: () => void;
  /** Takes a set as the user's own images; `edited`: it is the one in use, changed by hand. */
  takeDataset: (taken: SetHandle, edited?: boolean) => void;
  /** Makes the changes of a set by hand. @returns the changed set; null when it was cancelled or cannot be made */
  changeSet: (from: SetHandle, edit: SetEdit) => Promise<SetHandle | null>;
  /** Packs a set, as it is or changed by hand, as a zip of class folders and downloads it. */
  exportSet: (from: SetHandle, edit: SetEdit | null) => Promise<void>;
}

export const datasetImportSlice: DataSlice<DatasetImportSlice> =
  ({ view, library, imports }) =>
  (set, get) => {
    let task: { cancel(): void } | null = null;
    const failed = (title: string, error: unknown) =>
      view.getState().notify({
        tone: 'warning',
        title,
        text: `${sentenceOf(error)} The previous data set stays in use.`,
      });
    /** Replaces the candidate, and removes the former one from the storage because it was not taken. */
    const offer = (candidate: Candidate | null) => {
      const before = get().candidate?.set;
      set({ candidate });
      if (before && before.key !== candidate?.set?.key) get().withdraw(before);
    };
    /** Shows the progress of the import worker's task until it ends or another task replaces it. */
    const work = async <T>(
      text: string,
      title: string,
      begin: (onProgress: OnProgress) => RunningTask<T>,
    ): Promise<T | null> => {
      task?.cancel();
      set({ importing: { text, share: null } });
      const mine = begin((now, share) => {
        if (task === mine) set({ importing: { text: now, share } });
      });
      task = mine;
      let done: T | null = null;
      try {
        done = await mine.result;
      } catch (error) {
        if (task === mine) failed(title, error);
      }
      if (task !== mine) return null;
      task = null;
      set({ importing: null });
      return done;
    };
    return {
      candidate: null,
      importing: null,
      importFiles: async (files, choices = {}) => {
        if (files.some(({ path }) => isRunFile(path))) return library.getState().openRunFile(files);
        if (files.length === 0) {
          view
            .getState()
            .notify({ tone: 'warning', title: 'Nothing to read', text: 'There were no files in that.' });
          return;
        }
        task?.cancel();
        view.getState().set({ panel: null });
        set({
          importing: {
            text: `Reading ${files.length === 1 ? files[0]!.path : `${files.length} files`}`,
            share: null,
          },
        });
        const store = library.getState().keeping !== false;
        const mine = imports().importFiles(files, {
          onProgress: (text, share) => {
            if (task === mine) set({ importing: { text, share } });
          },
          choices,
          store,
        });
        task = mine;
        try {
          const { report, set: found } = await mine.result;
          if (task !== mine) return;
          offer({ report, set: found, files, choices });
          view.getState().announce(report.message);
        } catch (error) {
          if (task !== mine) return;
          failed('The files could not be read', error);
        }
        task = null;
        set({ importing: null });
      },
      cancelImport: () => {
        task?.cancel();
        task = null;
        set({ importing: null });
        view.getState().announce('Cancelled. The previous data set stays in use.');
      },
      takeCandidate: () => {
        const { candidate, takeDataset } = get();
        if (!candidate?.set) return;
        set({ candidate: null });
        takeDataset(candidate.set);
      },
      refuseCandidate: () => offer(null),
      takeDataset: (taken, edited) => {
        set({ upload: taken });
        view.getState().set({ panel: null });
        void get().keepSet(taken);
        get().setDataset('upload', edited);
        view.getState().announce(`${taken.title} is in use.`);
      },

      changeSet: (from, edit) =>
        work('Changing the images', 'The changes could not be used', (onProgress) =>
          imports().changeSet(refOf(from), edit, library.getState().keeping !== false, onProgress),
        ),
      exportSet: async (from, edit) => {
        const zip = await work('Packing images', 'The images could not be packed', (onProgress) =>
          imports().exportSet(refOf(from), edit, onProgress),
        );
        if (!zip) return;
        download(`${fileName(from.title)}.zip`, zip, 'application/zip');
        view.getState().announce('The images are packed.');
      },
    };
  };
