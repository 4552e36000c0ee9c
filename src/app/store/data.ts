import type { Dataset, ImportChoices, ImportFile, ImportReport } from '../../data/dataset';
import { download, fileName } from '../download';
import type { Slice } from './state';
import { collectionSlice, type CollectionSlice } from './collection';
import { editingSlice, type EditingSlice } from './editing';
import { sentenceOf } from '../../limits/texts';

export interface Candidate {
  report: ImportReport;
  /** Null when the files were refused. */
  dataset: Dataset | null;
  /** What was read, to be read again with other choices. */
  files: ImportFile[];
  choices: ImportChoices;
}

export interface DataSlice extends CollectionSlice, EditingSlice {
  /** The person's own images, once they said "use it". */
  upload: Dataset | null;
  /** Read, but not yet taken. */
  candidate: Candidate | null;
  importing: { text: string; share: number | null } | null;
  /** Bundled sets that have been read for their thumbnails. */
  bundled: Record<string, Dataset>;
  importFiles: (files: ImportFile[], choices?: ImportChoices) => Promise<void>;
  /** Ends the import or export under way. */
  cancelImport: () => void;
  takeCandidate: () => void;
  refuseCandidate: () => void;
  /** Takes a set as the person's own images; `edited`: it is the one in use, changed by hand. */
  takeDataset: (dataset: Dataset, edited?: boolean) => void;
  /** Packs a set as a zip of class folders and hands it to the person. */
  exportSet: (dataset: Dataset) => Promise<void>;
  fetchBundled: (id: string) => void;
}

export const dataSlice: Slice<DataSlice> =
  (services) =>
  (...api) => {
    const [set, get] = api;
    const { imports } = services;
    let task: { cancel(): void } | null = null;
    const asked = new Set<string>();
    const failed = (title: string, error: unknown) =>
      get().notify({
        tone: 'warning',
        title,
        text: `${sentenceOf(error)} The former data set stays.`,
      });
    return {
      ...collectionSlice(services)(...api),
      ...editingSlice(services)(...api),
      upload: null,
      candidate: null,
      importing: null,
      bundled: {},

      importFiles: async (files, choices = {}) => {
        if (files.length === 0) {
          get().notify({ tone: 'warning', title: 'Nothing to read', text: 'There were no files in that.' });
          return;
        }
        task?.cancel();
        set({
          panel: null,
          importing: {
            text: `Reading ${files.length === 1 ? files[0]!.path : `${files.length} files`}`,
            share: null,
          },
        });
        const mine = imports().importFiles(
          files,
          (text, share) => {
            if (task === mine) set({ importing: { text, share } });
          },
          choices,
        );
        task = mine;
        try {
          const { report, dataset } = await mine.result;
          if (task !== mine) return;
          set({ candidate: { report, dataset, files, choices } });
          get().announce(report.message);
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
        get().announce('Cancelled. The former data set stays.');
      },
      takeCandidate: () => {
        const { candidate, takeDataset } = get();
        if (!candidate?.dataset) return;
        set({ candidate: null });
        takeDataset(candidate.dataset);
      },
      refuseCandidate: () => set({ candidate: null }),
      takeDataset: (dataset, edited) => {
        set({ upload: dataset, panel: null });
        void get().keepSet(dataset);
        get().setDataset('upload', edited);
        get().announce(`${dataset.title} is in use.`);
      },

      exportSet: async (dataset) => {
        task?.cancel();
        set({ importing: { text: 'Packing images', share: 0 } });
        const mine = imports().exportSet(dataset, (text, share) => {
          if (task === mine) set({ importing: { text, share } });
        });
        task = mine;
        try {
          const zip = await mine.result;
          if (task !== mine) return;
          if (zip) download(`${fileName(dataset.title)}.zip`, zip, 'application/zip');
          get().announce('The images are packed.');
        } catch (error) {
          if (task !== mine) return;
          failed('The images could not be packed', error);
        }
        task = null;
        set({ importing: null });
      },

      fetchBundled: (id) => {
        if (asked.has(id)) return;
        asked.add(id);
        imports()
          .bundled(id)
          .then(
            (dataset) => set(({ bundled }) => ({ bundled: { ...bundled, [id]: dataset } })),
            () => asked.delete(id),
          );
      },
    };
  };
