/** Deleted runs, which can be restored for some seconds. */
import * as library from '../../../storage/library';
import type { Storage } from '../../../storage/storage';
import type { RunId } from '../../../worker/training-protocol';
import type { Notice } from '../notices';
import type { Slice } from '../state';

/** How long what was deleted can be taken back. */
export const undoSeconds = 12;

/** Says that something was deleted, and offers it back for that long. */
export function undoNotice(title: string, text: string, undo: () => void): Omit<Notice, 'id'> {
  return { tone: 'info', title, text, seconds: undoSeconds, action: { label: 'Undo', act: undo } };
}

export interface UndoSlice {
  /** Deletes a run; for some seconds it can be restored. */
  discard: (id: RunId) => void;
  /** Offers to take back what was deleted last: a page that was closed or reloaded at once is no reason to lose it. */
  offerUndo: () => Promise<void>;
}

export const undoSlice: Slice<UndoSlice> =
  ({ histories }) =>
  (set, get) => ({
    discard: (id) => {
      const entry = get().runs.find((run) => run.id === id);
      if (!entry || get().active === id || entry.elsewhere) return;
      const history = histories.get(id);
      const rest = get().runs.filter((run) => run.id !== id);
      set(({ viewed, compared }) => ({
        runs: rest,
        viewed: viewed === id ? null : viewed,
        compared: compared === id ? null : compared,
        notices: get().notices.filter(({ run }) => run !== id),
      }));
      histories.delete(id);
      if (entry.stored)
        void get().withStorage('The run could not be deleted', (to) =>
          library.relabel(to, id, { deletedAt: Date.now() }),
        );
      const purge = window.setTimeout(() => {
        if (entry.stored)
          void get().withStorage('The run could not be deleted', async (to) => {
            await library.purgeRun(to, id);
            await get().measureUsage();
          });
      }, 1000 * undoSeconds);
      const takeBack = async () => {
        window.clearTimeout(purge);
        // Stored before it is shown: what a person sees again survives a reload.
        if (entry.stored)
          await get().withStorage('The run could not be restored', (to) =>
            library.relabel(to, id, { deletedAt: null }),
          );
        if (history) histories.set(id, history);
        set(({ runs }) => ({
          runs: [...runs.filter((run) => run.id !== id), entry].sort((a, b) => a.number - b.number),
        }));
      };
      get().notify(undoNotice(`Run ${entry.number} was deleted`, entry.name, () => void takeBack()));
    },

    offerUndo: () =>
      get().withStorage('The stored runs could not be read', async (from) => {
        const [last] = await library.deletedRuns(from, Date.now() - 1000 * undoSeconds);
        if (!last) return;
        const back = async (to: Storage) => {
          await library.relabel(to, last.id, { deletedAt: null });
          await get().readShelf();
        };
        const takeBack = () => void get().withStorage('The run could not be restored', back);
        get().notify(undoNotice(`Run ${last.number} was deleted`, last.name, takeBack));
      }),
  });
