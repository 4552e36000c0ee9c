/** The runs that survive the page: read when it opens, followed while other tabs write, gone on with. */
import { openDataset } from '../../../storage/datasets';
import { faultOf } from '../../../storage/faults';
import * as library from '../../../storage/library';
import { untilFree } from '../../../storage/locks';
import type { News, Storage } from '../../../storage/storage';
import { WorkerGone } from '../../../worker/rpc';
import type { RunId, TrainingEvent } from '../../../worker/training-protocol';
import { RunRecord } from '../../../record/run-record';
import type { RunEntry } from '../runs';
import type { Slice } from '../state';
import { describedIn, entryFrom, openState, placeText, progressPart } from './run-entry';
import { undoSeconds } from './undo';
import { sentenceOf } from '../../../limits/texts';

export interface RunLibrarySlice {
  /** Whether runs are kept beyond this tab; null until that is known. */
  keeping: boolean | null;
  /** Why they are not, a sentence. */
  notKept: string | null;
  usage: library.Usage | null;
  /** Rises with every history that was read. */
  loads: number;
  /** Opens the storage and lists the runs it holds. */
  openStorage: () => Promise<void>;
  /** Lists the stored runs. */
  readShelf: () => Promise<void>;
  /** Reads the numbers of a stored run, once. */
  loadHistory: (id: RunId) => Promise<void>;
  /** Stores the label of a run of this page. */
  shelve: (entry: RunEntry) => Promise<void>;
  /** Goes on with a run that was interrupted or stopped. */
  continueRun: (id: RunId, kept?: string) => void;
  /** Keeps the state of the run that is on for good. */
  keepState: () => void;
  /** Starts the recipe of a run anew; a run of which nothing was saved gives way to the new one. */
  beginAgain: (id: RunId) => Promise<void>;
  /** Makes a run's recipe the current one, with its images if they are stored. */
  takeRecipe: (id: RunId) => Promise<void>;
  describe: (id: RunId, changes: { name?: string; notes?: string }) => void;
  /** Reads anew what is stored of a run. */
  reread: (id: RunId) => Promise<void>;
  /** Says that a run broke off, and how it can go on. */
  offerResume: (id: RunId) => void;
  measureUsage: () => Promise<void>;
  /** Does something with the storage, if there is one; a fault is told under the title and ends nothing else. */
  withStorage: (title: string, work: (storage: Storage) => Promise<void>) => Promise<void>;
  /** Asks the browser not to clear the storage by itself. */
  persist: () => Promise<void>;
  takeContinued: (message: Extract<TrainingEvent, { type: 'continued' }>) => Promise<void>;
  takeStorage: (message: Extract<TrainingEvent, { type: 'storage' }>) => void;
}

export const runLibrarySlice: Slice<RunLibrarySlice> =
  ({ training, histories, ticker, arriving, storage: open }) =>
  (set, get) => {
    let storage: Storage | null = null;
    /** Chunks of each run's log that its history holds. */
    const read = new Map<RunId, number>();
    const followed = new Set<RunId>();
    let faultSaid: string | null = null;

    const change = (id: RunId, changes: Partial<RunEntry>) =>
      set(({ runs }) => ({ runs: runs.map((run) => (run.id === id ? { ...run, ...changes } : run)) }));
    const entryOf = (id: RunId) => get().runs.find((run) => run.id === id);
    const warn = (title: string, text: string) => get().notify({ tone: 'warning', title, text });
    /** The storage, opened anew if it was cleared: then what is on the page is no longer stored, and stays. */
    const present = async (): Promise<Storage | null> => {
      if (!open || !storage?.isLost()) return storage;
      storage = await open();
      storage.hear(hear);
      set(({ runs }) => ({ runs: runs.map((run) => ({ ...run, stored: false, saved: null })) }));
      void get().rescueSet();
      return storage;
    };
    /** A fault of the storage is a sentence; what is on the page stays. */
    const safely = async (title: string, work: (storage: Storage) => Promise<void>) => {
      try {
        const there = await present();
        if (there) await work(there);
      } catch (error) {
        warn(title, faultOf(error).message);
      }
    };

    const readShelf = () =>
      safely('The stored runs could not be read', async (from) => {
        const stored = (await library.listRuns(from)).map(entryFrom);
        const known = new Map(stored.map((run) => [run.id, run]));
        const { active, runs } = get();
        // What this page is busy with, or has not written yet, it knows better itself.
        const own = runs
          .filter((run) => run.id === active || !run.stored)
          .map((run) => ({ ...run, ...describedIn(known.get(run.id)) }));
        const others = stored.filter((run) => !own.some(({ id }) => id === run.id));
        for (const { id } of runs)
          if (!known.has(id) && !own.some((run) => run.id === id)) histories.delete(id);
        set({ runs: [...others, ...own].sort((a, b) => a.number - b.number) });
        for (const { id, elsewhere } of others) if (elsewhere) void follow(from, id);
      });

    /** Shows a run of another tab as it goes, until that tab lets go of it. */
    const follow = async (from: Storage, id: RunId) => {
      if (followed.has(id)) return;
      followed.add(id);
      await untilFree(from.locks, id);
      followed.delete(id);
      if (get().active !== id) await readShelf();
    };

    const hear = (news: News) => {
      if (news.type === 'shelf') return void readShelf();
      if (get().active === news.run) return;
      void safely('A run of another tab could not be read', async (from) => {
        const [progress, known] = [await library.readProgress(from, news.run), entryOf(news.run)];
        if (!progress || !known) return readShelf();
        change(news.run, {
          ...progressPart(progress),
          elsewhere: progress.state === 'open',
          state: openState(progress, true),
        });
        if (progress.state === 'open') {
          // That it broke off, or could not go on here, is past.
          get().settle(news.run);
          void follow(from, news.run);
        }
        const history = histories.get(news.run);
        if (!history) return;
        const { events, next } = await library.readEvents(from, news.run, read.get(news.run) ?? 0);
        read.set(news.run, next);
        history.take(events);
        ticker.touch();
      });
    };

    const rebuild = async (from: Storage, id: RunId, until?: number) => {
      const { events, next } = await library.readEvents(from, id, 0, until);
      const history = new RunRecord(id, entryOf(id)!.recipe);
      history.take(events);
      read.set(id, next);
      histories.set(id, history);
      set(({ loads }) => ({ loads: loads + 1 }));
    };

    return {
      keeping: null,
      notKept: null,
      withStorage: safely,
      readShelf,
      usage: null,
      loads: 0,

      openStorage: async () => {
        if (!open) return set({ keeping: false });
        const waiting = 'Stored runs wait for another tab';
        const keepNothing = (title: string, why: string) => {
          set({ keeping: false, notKept: why });
          warn(title, why);
        };
        const onWait = () =>
          keepNothing(
            waiting,
            'A tab with an older version of this page has a run in progress. What is stored appears here once that run has ended or that tab is closed. Runs begun here until then are not kept.',
          );
        try {
          storage = await open(onWait);
        } catch (error) {
          keepNothing('Runs cannot be kept here', faultOf(error).message);
          return;
        }
        const begun = get().keeping === null && get().runs.find(({ id }) => id === get().active);
        set(({ notices }) => ({
          keeping: true,
          notKept: null,
          notices: notices.filter(({ title }) => title !== waiting),
        }));
        storage.hear(hear);
        if (begun) await get().shelve(begun);
        await readShelf();
        const broken = get().runs.findLast(({ state }) => state === 'interrupted');
        if (broken) get().offerResume(broken.id);
        await get().offerUndo();
        await safely('The storage could not be tidied', (from) =>
          library.sweep(from, Date.now() - 5000 * undoSeconds),
        );
        await get().restoreSets();
        await get().measureUsage();
      },

      loadHistory: async (id) => {
        if (histories.has(id)) return;
        await safely('The curves of this run could not be read', (from) => rebuild(from, id));
        ticker.touch();
      },

      shelve: async (entry) => {
        const { id, name, notes, recipe, createdAt } = entry;
        try {
          const to = await present();
          if (!to) return;
          const { note } = recipe;
          const label = { id, number: entry.number, name, note, notes, recipe, createdAt, deletedAt: null };
          change(id, { number: await library.addRun(to, label), stored: true });
        } catch (error) {
          const fault = faultOf(error);
          // Its worker meets the same, says so, and tells when there is room.
          if (fault.kind !== 'full') warn('The run could not be added', fault.message);
        }
      },

      keepState: () => {
        const { active } = get();
        if (!active) return;
        training.tell({ type: 'keep', run: active });
        get().announce('The state of the run is kept.');
      },
      continueRun: (id, kept) => {
        const entry = entryOf(id);
        if (!entry || get().active || entry.elsewhere) return;
        change(id, { state: 'preparing', final: null });
        set({ active: id });
        get().settle(id);
        get().view(id);
        get().announce(`Run ${entry.number} goes on.`);
        training.call('continue', { run: id, ...(kept ? { kept } : {}) }).catch((error: unknown) => {
          // A crash is told as the run's end.
          if (error instanceof WorkerGone) return;
          change(id, { state: 'interrupted' });
          set({ active: null });
          get().notify({
            tone: 'warning',
            title: `Run ${entryOf(id)?.number} cannot go on`,
            text: sentenceOf(error),
            run: id,
          });
        });
      },

      beginAgain: async (id) => {
        const entry = entryOf(id);
        if (!entry || get().active || entry.elsewhere) return;
        await get().takeRecipe(id);
        get().settle(id);
        get().start();
        if (get().active && entry.saved === null && entry.final === null) get().discard(id);
      },

      takeRecipe: async (id) => {
        const entry = entryOf(id);
        if (!entry) return;
        const { dataset, recipe } = entry;
        if (dataset?.kind === 'stored')
          await safely('The images of this run could not be read', async (from) => {
            set({ upload: await openDataset(from, dataset.hash), uploadHash: dataset.hash });
          });
        get().setRecipe(recipe);
        get().view(id);
      },

      describe: (id, changes) => {
        change(id, changes);
        void safely('The name could not be stored', (to) => library.relabel(to, id, changes));
      },

      reread: async (id) => {
        await safely('The stored run could not be read', async (from) => {
          const progress = await library.readProgress(from, id);
          if (!progress) return;
          const { kept, weights, ...rest } = progressPart(progress);
          // Of a run that is on, or whose end there was no room for, the page knows the rest better.
          const isBehind = progress.state === 'open' && entryOf(id)?.final;
          change(id, get().active === id || isBehind ? { kept, weights } : { kept, weights, ...rest });
        });
        await get().measureUsage();
      },
      offerResume: (id) => {
        const entry = entryOf(id);
        if (!entry) return;
        const { number, name, saved } = entry;
        get().notify({
          tone: 'info',
          title: `Run ${number} was interrupted`,
          text: saved
            ? `“${name}” is saved up to ${placeText(saved)}. It goes on from there with the numbers it would have had.`
            : `“${name}” was interrupted before its first save. Its recipe is kept, so it can begin again.`,
          run: id,
          action: saved
            ? { label: 'Resume', act: () => get().continueRun(id) }
            : { label: 'Begin again', act: () => void get().beginAgain(id) },
        });
      },
      measureUsage: async () => {
        if (storage) set({ usage: await library.usageOf(storage).catch(() => null) });
      },
      persist: async () => {
        const granted = await navigator.storage.persist().catch(() => false);
        if (!granted)
          get().notify({
            tone: 'info',
            title: 'The browser did not agree',
            text: 'It may still clear what is stored here when the disk gets full. A bookmark of this page, or using it more often, can change its mind; a run saved as a file is always safe.',
          });
        await get().measureUsage();
      },

      takeContinued: async ({ run: id, recipe, chunks }) => {
        // Live knobs turn what runs.
        get().offerRecipeBack(recipe);
        set({ recipe, example: null, cameAs: recipe, recipeReady: true });
        // What the run tells meanwhile waits, so that it comes after what is stored.
        arriving.set(id, []);
        await safely('The curves of this run could not be read', (from) => rebuild(from, id, chunks));
        const waiting = arriving.get(id) ?? [];
        arriving.delete(id);
        change(id, { moves: histories.get(id)?.moves ?? [] });
        get().takeEvents(id, waiting);
        ticker.touch();
      },
      takeStorage: ({ run, saved, fault }) => {
        if (saved) {
          const first = entryOf(run)?.saved === null;
          change(run, { saved });
          if (first) void get().measureUsage();
        }
        // There was no room for it before; without its label nothing that is saved of it would be found.
        const entry = entryOf(run);
        if (!fault && entry && !entry.stored) void get().shelve(entry);
        if (fault && fault.text !== faultSaid)
          get().notify({
            tone: 'warning',
            title: `Run ${entryOf(run)?.number} is not being saved`,
            text: `${fault.text} Training goes on.`,
            run,
          });
        // The end of a run for which there was no room before.
        if (!fault && get().active !== run) void get().reread(run);
        if (!fault && faultSaid) {
          get().settle(run);
          get().announce('The run is being saved again.');
          const { upload, uploadHash } = get();
          if (upload && uploadHash === null) void get().keepSet(upload);
        }
        faultSaid = fault?.text ?? null;
        if (fault?.kind === 'lost') void get().rescueSet();
      },
    };
  };
