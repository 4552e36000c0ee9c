import type { Dataset, ImportReport } from '../../data/dataset';
import type { ImportTask } from '../ports';
import type { Slice } from './state';

export interface Candidate {
  report: ImportReport;
  /** Null when the files were refused. */
  dataset: Dataset | null;
}

export interface DataSlice {
  /** The person's own images, once they said "use it". */
  upload: Dataset | null;
  /** Read, but not yet taken. */
  candidate: Candidate | null;
  importing: { text: string; share: number | null } | null;
  /** Bundled sets that have been read for their thumbnails. */
  bundled: Record<string, Dataset>;
  importFiles: (files: { path: string; bytes: Blob }[]) => Promise<void>;
  cancelImport: () => void;
  takeCandidate: () => void;
  refuseCandidate: () => void;
  fetchBundled: (id: string) => void;
}

export const dataSlice: Slice<DataSlice> =
  ({ imports }) =>
  (set, get) => {
    let task: ImportTask | null = null;
    const asked = new Set<string>();
    return {
      upload: null,
      candidate: null,
      importing: null,
      bundled: {},

      importFiles: async (files) => {
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
        const mine = imports().importFiles(files, (text, share) => {
          if (task === mine) set({ importing: { text, share } });
        });
        task = mine;
        try {
          const candidate = await mine.result;
          if (task !== mine) return;
          set({ candidate });
          get().announce(candidate.report.message);
        } catch (error) {
          if (task !== mine) return;
          get().notify({
            tone: 'warning',
            title: 'The files could not be read',
            text: `${error instanceof Error ? error.message : String(error)} The former data set stays.`,
          });
        }
        task = null;
        set({ importing: null });
      },
      cancelImport: () => {
        task?.cancel();
        task = null;
        set({ importing: null });
        get().announce('Import cancelled. The former data set stays.');
      },
      takeCandidate: () => {
        const { candidate } = get();
        if (!candidate?.dataset) return;
        set({ upload: candidate.dataset, candidate: null, panel: null });
        get().setDataset('upload');
        get().announce(`${candidate.dataset.title} is in use.`);
      },
      refuseCandidate: () => set({ candidate: null }),

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
