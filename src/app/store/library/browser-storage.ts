/** Access to the browser's storage: opening it, its faults, how much it holds. */
import { faultOf } from '../../../storage/faults';
import { usageOf, type Usage } from '../../../storage/library';
import type { Storage } from '../../../storage/storage';
import { bytes } from '../../format';
import type { LibrarySlice } from './library-store';

export interface BrowserStorageSlice {
  /** Whether runs are kept beyond this tab; null until that is known. */
  keeping: boolean | null;
  /** Why they are not, a sentence. */
  notKept: string | null;
  usage: Usage | null;
  /** Rises each time the storage was found to have been cleared and was opened anew. */
  losses: number;
  /** Opens the storage and reads the list of runs. @returns whether there is a storage */
  open: () => Promise<boolean>;
  measureUsage: () => Promise<void>;
  /** Does something with the storage, if there is one. A fault becomes a notice with this title and ends nothing else. */
  withStorage: (title: string, work: (storage: Storage) => Promise<void>) => Promise<void>;
  /** The storage, opened anew if it was cleared: what is on the page is then no longer stored, and stays. */
  storageNow: () => Promise<Storage | null>;
  /** Says that kept teachers were removed to make room. */
  sayDropped: (teachers: readonly { name: string; seed: number; bytes: number }[]) => void;
  /** Asks the browser not to clear the storage by itself. */
  persist: () => Promise<void>;
}

/** So many names are read; the others are counted. */
const mostNamed = 4;

export const browserStorageSlice: LibrarySlice<BrowserStorageSlice> =
  ({ view, storage: open }) =>
  (set, get) => {
    let storage: Storage | null = null;
    /** The notice of teachers that made room: later ones join it while it is there. */
    let dropped: {
      notice: number;
      teachers: readonly { name: string; seed: number; bytes: number }[];
    } | null = null;
    const warn = (title: string, text: string) => view.getState().notify({ tone: 'warning', title, text });

    return {
      keeping: null,
      notKept: null,
      usage: null,
      losses: 0,

      open: async () => {
        if (!open) {
          set({ keeping: false });
          return false;
        }
        let waiting: number | null = null;
        const keepNothing = (title: string, why: string) => {
          set({ keeping: false, notKept: why });
          return warn(title, why);
        };
        const onWait = () => {
          waiting = keepNothing(
            'Stored runs wait for another tab',
            'A tab with an older version of this page has a run in progress. What is stored appears here once that run has ended or that tab is closed. Runs begun here until then are not kept.',
          );
        };
        try {
          storage = await open(onWait);
        } catch (error) {
          keepNothing('Runs cannot be kept here', faultOf(error).message);
          return false;
        }
        const { keeping, runs, active } = get();
        const begun = keeping === null && runs.find(({ id }) => id === active);
        set({ keeping: true, notKept: null });
        if (waiting !== null) view.getState().dismiss(waiting);
        storage.hear(get().takeNews);
        if (begun) await get().storeRun(begun);
        await get().readRuns();
        return true;
      },

      storageNow: async () => {
        if (!open || !storage?.isLost()) return storage;
        storage = await open();
        storage.hear(get().takeNews);
        set(({ runs, losses }) => ({
          runs: runs.map((run) => ({ ...run, stored: false, saved: null })),
          losses: losses + 1,
        }));
        return storage;
      },
      withStorage: async (title, work) => {
        try {
          const there = await get().storageNow();
          if (there) await work(there);
        } catch (error) {
          warn(title, faultOf(error).message);
        }
      },

      measureUsage: async () => {
        if (storage) set({ usage: await usageOf(storage).catch(() => null) });
      },
      sayDropped: (teachers) => {
        const { notices, dismiss, notify } = view.getState();
        const open = notices.some(({ id }) => id === dropped?.notice);
        const all = [...(open ? dropped!.teachers : []), ...teachers];
        if (open) dismiss(dropped!.notice);
        const names = all.map(({ name, seed }) => `${name}, seed ${seed}`);
        const more = names.length - mostNamed;
        const notice = notify({
          tone: 'info',
          title:
            all.length === 1
              ? 'A kept teacher was deleted to make room'
              : `${all.length} kept teachers were deleted to make room`,
          text: `The browser has no more room for this page, so ${bytes(all.reduce((sum, one) => sum + one.bytes, 0))} of trained teachers went, the least recently used first: ${names.slice(0, mostNamed).join('; ')}${more > 0 ? `; and ${more} more` : ''}. A run that wants one of them trains it again.`,
        });
        dropped = { notice, teachers: all };
        void get().measureUsage();
      },
      persist: async () => {
        const granted = await navigator.storage.persist().catch(() => false);
        if (!granted)
          view.getState().notify({
            tone: 'info',
            title: 'The browser did not agree',
            text: 'It may still clear what is stored here when the disk gets full. A bookmark of this page, or using it more often, can change its mind; a run saved as a file is always safe.',
          });
        await get().measureUsage();
      },
    };
  };
