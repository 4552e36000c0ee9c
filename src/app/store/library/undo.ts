/** Deleting runs, with some seconds to undo it. */
import * as stored from '../../../storage/library';
import type { Storage } from '../../../storage/storage';
import type { RunId } from '../../../worker/training-protocol';
import type { Notice } from '../view/view-store';
import type { LibrarySlice } from './library-store';

/** How long what was deleted can be taken back. */
export const undoSeconds = 12;

/** Says that something was deleted, and offers it back for that long. */
export function undoNotice(title: string, text: string, undo: () => void): Omit<Notice, 'id'> {
  return { tone: 'info', title, text, seconds: undoSeconds, action: { label: 'Undo', act: undo } };
}

export interface UndoSlice {
  /** Removes what was deleted long ago, and data sets that nothing uses. */
  tidy: () => Promise<void>;
  /** Throws a run away; for some seconds it can be taken back. */
  discard: (id: RunId) => void;
  /** Offers to take back what was deleted last: a page that was closed or reloaded at once is no reason to lose it. */
  offerUndo: () => Promise<void>;
}

export const undoSlice: LibrarySlice<UndoSlice> =
  ({ view, records }) =>
  (set, get) => ({
    discard: (id) => {
      const entry = get().runs.find((run) => run.id === id);
      if (!entry || get().active === id || entry.elsewhere) return;
      const record = records.get(id);
      const rest = get().runs.filter((run) => run.id !== id);
      set({ runs: rest });
      view.getState().forget(id);
      view.getState().settle(id);
      records.delete(id);
      if (entry.stored)
        void get().withStorage('The run could not be deleted', (to) =>
          stored.relabel(to, id, { deletedAt: Date.now() }),
        );
      const purge = window.setTimeout(() => {
        if (entry.stored)
          void get().withStorage('The run could not be deleted', async (to) => {
            await stored.purgeRun(to, id);
            await get().measureUsage();
          });
      }, 1000 * undoSeconds);
      const takeBack = async () => {
        window.clearTimeout(purge);
        // Stored before it is shown, so that a run that is shown survives a reload.
        if (entry.stored)
          await get().withStorage('The run could not be restored', (to) =>
            stored.relabel(to, id, { deletedAt: null }),
          );
        if (record) records.set(id, record);
        set(({ runs }) => ({
          runs: [...runs.filter((run) => run.id !== id), entry].sort((a, b) => a.number - b.number),
        }));
      };
      view
        .getState()
        .notify(undoNotice(`Run ${entry.number} was deleted`, entry.name, () => void takeBack()));
    },

    tidy: () =>
      get().withStorage('The storage could not be tidied', (from) =>
        stored.sweep(from, Date.now() - 5000 * undoSeconds),
      ),

    offerUndo: () =>
      get().withStorage('The stored runs could not be read', async (from) => {
        const [last] = await stored.deletedRuns(from, Date.now() - 1000 * undoSeconds);
        if (!last) return;
        const back = async (to: Storage) => {
          await stored.relabel(to, last.id, { deletedAt: null });
          await get().readRuns();
        };
        const takeBack = () => void get().withStorage('The run could not be restored', back);
        view.getState().notify(undoNotice(`Run ${last.number} was deleted`, last.name, takeBack));
      }),
  });
