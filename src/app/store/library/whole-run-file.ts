/** Whole runs as files: saving one, and adding one. */
import type { ImportFile } from '../../../data/import-report';
import { faultOf } from '../../../storage/faults';
import type { Peek } from '../../../storage/run-file';
import type { RunId } from '../../../worker/training-protocol';
import { download, fileName } from '../../download';
import type { LibrarySlice } from './library-store';

/** Loaded on first use. */
const runFiles = () => import('../../../storage/run-file');

/** Whether files are a run: a whole one, or the numbers of one that was trained elsewhere. */
export const isRunFile = (path: string): boolean => /\.retort$|(^|\/)metrics\.json$/i.test(path);

export interface WholeRunFileSlice {
  /** The files of a run that are being looked at. */
  runFile: readonly ImportFile[] | null;
  /** Looks into the files of a run, and offers to add it. */
  openRunFile: (files: readonly ImportFile[]) => void;
  closeRunFile: () => void;
  /** Downloads a whole run as one file. */
  saveRunFile: (id: RunId) => Promise<void>;
  /** What is in a file with a run, or a sentence about why it cannot be read. */
  peekRun: (file: Blob) => Promise<Peek | { problem: string }>;
  addRunFile: (file: Blob) => Promise<void>;
}

export const wholeRunFileSlice: LibrarySlice<WholeRunFileSlice> =
  ({ view }) =>
  (set, get) => ({
    runFile: null,
    openRunFile: (runFile) => {
      set({ runFile });
      view.getState().set({ panel: null });
    },
    closeRunFile: () => set({ runFile: null }),
    saveRunFile: async (id) => {
      const entry = get().runs.find((run) => run.id === id);
      if (!entry) return;
      await get().withStorage('The run could not be saved as a file', async (from) => {
        const { writeRunFile } = await runFiles();
        const file = await writeRunFile(from, id, true);
        download(`${fileName(entry.name)}-${entry.number}.retort`, file, file.type);
      });
    },
    peekRun: async (file) => {
      try {
        return await (await runFiles()).peekRunFile(file);
      } catch (error) {
        return { problem: faultOf(error).message };
      }
    },
    addRunFile: async (file) => {
      await get().withStorage('The run could not be added', async (to) => {
        const { readRunFile } = await runFiles();
        const id = await readRunFile(to, file);
        await get().readRuns();
        get().viewRun(id);
        view.getState().announce(`Run ${get().runs.find((run) => run.id === id)?.number} was added.`);
      });
      await get().measureUsage();
    },
  });
