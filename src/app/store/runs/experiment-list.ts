/** The stored experiments: list, open, rename, copy, delete; and experiments made of runs that are there already. */
import type { StoredExperiment } from '../../../storage/schema';
import type { Storage } from '../../../storage/storage';
import type { RunId } from '../../../worker/training-protocol';
import { newExperimentId } from './experiment-runs';
import type { RunsSlice } from './runs-store';

/** An entry of the list of experiments. */
export interface ExperimentSummary {
  id: string;
  name: string;
  createdAt: number;
  done: number;
  total: number;
  state: StoredExperiment['state'];
  /** A tab carries it out. */
  held: boolean;
}

export interface ExperimentListSlice {
  /** The newest first. */
  experiments: readonly ExperimentSummary[];
  /** Reads the list. @param offer to go on with one that was interrupted */
  readExperiments: (offer?: boolean) => Promise<void>;
  openExperiment: (id: string) => Promise<void>;
  /** Another tab has changed an experiment. */
  followExperiment: (id: string) => Promise<void>;
  /** Writes the open experiment as it is now. */
  storeExperiment: () => Promise<void>;
  /** Takes the right to carry it out. @returns how to give it up, or null while another tab has it */
  holdExperiment: (id: string) => Promise<(() => void) | null>;
  renameExperiment: (name: string) => Promise<void>;
  /** Opens a copy of the open experiment without results. */
  duplicateExperiment: () => Promise<void>;
  /** Deletes the open experiment, after a question. */
  deleteExperiment: () => void;
  /** Makes an experiment of runs: those with the same recipe but for the seed are one row. */
  gatherExperiment: (runs: readonly RunId[]) => Promise<void>;
}

/** Loaded on first use. */
const experiments = () => import('../../../storage/experiments');

export const experimentListSlice: RunsSlice<ExperimentListSlice> =
  ({ view, library, storage: hasStorage }) =>
  (set, get) => {
    /** Experiments of other tabs whose end is waited for. */
    const followed = new Set<string>();
    /** A tab that dies tells nothing; the browser releases its lock. */
    const untilFree = async ({ locks }: Storage, id: string) => {
      if (followed.has(id)) return;
      followed.add(id);
      try {
        await (await experiments()).untilExperimentIsFree(locks, id);
      } finally {
        followed.delete(id);
      }
      await get().followExperiment(id);
    };
    return {
      experiments: [],
      readExperiments: async (offer = false) => {
        if (hasStorage === null) return;
        await library.getState().withStorage('The experiments could not be read', async (from) => {
          const rows = await (await experiments()).listExperiments(from);
          set({ experiments: rows.map(summaryOf) });
          const broken = rows.find(({ state, held }) => state === 'running' && !held);
          if (!offer || !broken) return;
          const { name, cells } = broken;
          const done = cells.filter(({ result }) => result).length;
          view.getState().notify({
            tone: 'info',
            title: `The experiment “${name}” was interrupted`,
            text: `${done} of its ${cells.length} runs are done. It goes on with what is left, from the last checkpoints.`,
            action: {
              label: 'Continue',
              act: () => {
                view.getState().set({ panel: 'experiment' });
                void get()
                  .openExperiment(broken.id)
                  .then(() => get().continueExperiment());
              },
            },
          });
        });
      },
      openExperiment: async (id) => {
        const { experiment } = get();
        if (experiment?.current) return;
        await library.getState().withStorage('The experiment could not be read', async (from) => {
          const row = (await (await experiments()).listExperiments(from)).find((known) => known.id === id);
          if (row) {
            const { held, ...stored } = row;
            await get().showExperiment(stored, { stored: true, elsewhere: held });
            if (held) void untilFree(from, id);
          } else if (experiment?.row.id === id) set({ experiment: null });
        });
      },
      followExperiment: async (id) => {
        await get().readExperiments();
        const { experiment } = get();
        if (experiment?.row.id === id && !experiment.current) await get().openExperiment(id);
      },
      storeExperiment: async () => {
        const { experiment } = get();
        if (!experiment?.stored) return;
        const { row } = experiment;
        await library.getState().withStorage('The experiment could not be stored', async (to) => {
          await (await experiments()).writeExperiment(to, row);
        });
        const held = experiment.current !== null;
        set(({ experiments: known }) => ({
          experiments: [
            { ...summaryOf({ ...row, held }) },
            ...known.filter((other) => other.id !== row.id),
          ].toSorted((a, b) => b.createdAt - a.createdAt),
        }));
      },
      holdExperiment: async (id) => {
        const there = await library.getState().storageNow();
        return there ? (await experiments()).holdExperiment(there.locks, id) : () => undefined;
      },
      renameExperiment: async (name) => {
        const { experiment } = get();
        if (!experiment || experiment.elsewhere) return;
        set({ experiment: { ...experiment, row: { ...experiment.row, name } } });
        await get().storeExperiment();
      },
      duplicateExperiment: async () => {
        const { experiment } = get();
        if (!experiment || experiment.current) return;
        const { row, stored } = experiment;
        const copy: StoredExperiment = {
          ...row,
          id: newExperimentId(),
          name: `${row.name} (copy)`,
          createdAt: Date.now(),
          state: 'stopped',
          cells: row.cells.map(({ entry, seed }) => ({ entry, seed, run: null, result: null })),
        };
        await get().showExperiment(copy, { stored, elsewhere: false });
        await get().storeExperiment();
      },
      deleteExperiment: () => {
        const { experiment } = get();
        if (!experiment || experiment.current || experiment.elsewhere) return;
        const { id, name, cells } = experiment.row;
        const begun = cells.filter(({ run }) => run !== null).length;
        const remove = (withRuns: boolean) => async () => {
          await library.getState().withStorage('The experiment could not be deleted', async (from) => {
            await (await experiments()).deleteExperiment(from, id, withRuns);
          });
          set({ experiment: null });
          await library.getState().readRuns();
          await get().readExperiments();
          await library.getState().measureUsage();
        };
        const choice = (label: string, withRuns: boolean) => ({
          label,
          act: () => void remove(withRuns)(),
        });
        view.getState().ask({
          title: `Delete “${name}”?`,
          text: `${begun} of its runs are stored. They can stay in the list of runs, or go with it. This cannot be taken back.`,
          choices: [choice('Delete it and its runs', true), choice('Delete it, keep its runs', false)],
        });
      },
      gatherExperiment: async (ids) => {
        if (get().experiment?.current) return;
        await library.getState().withStorage('The runs could not be gathered', async (from) => {
          const { gathered } = await import('./gather-runs');
          const runs = library.getState().runs.filter(({ id }) => ids.includes(id));
          const row = await gathered(from, runs, newExperimentId());
          if (await get().showExperiment(row, { stored: true, elsewhere: false }))
            view.getState().set({ panel: 'experiment' });
          await library.getState().readRuns();
        });
        await get().storeExperiment();
      },
    };
  };

function summaryOf(row: StoredExperiment & { held: boolean }): ExperimentSummary {
  const { id, name, createdAt, cells, state, held } = row;
  const done = cells.filter(({ result }) => result).length;
  return { id, name, createdAt, done, total: cells.length, state, held };
}
