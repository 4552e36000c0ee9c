/** The list of runs: those of this page, those in the storage, and those that other tabs train. */
import type { Recipe } from '../../../distill/recipe';
import { RunRecord } from '../../../record/run-record';
import { faultOf } from '../../../storage/faults';
import * as stored from '../../../storage/library';
import { untilFree } from '../../../storage/locks';
import type { News, Storage } from '../../../storage/storage';
import type { RunEvent } from '../../../training/events';
import type { RunId } from '../../../worker/training-protocol';
import type { LibrarySlice } from './library-store';
import { describedIn, entryFrom, nothingStored, openState, progressPart, type RunEntry } from './run-entry';

export interface RunListSlice {
  /** By number. */
  runs: RunEntry[];
  /** The run that this page's worker is busy with. */
  active: RunId | null;
  /** The last experiment that another tab has changed. */
  experimentNews: { id: string } | null;
  /** Rises with every record that was read from the storage, and when records are let go of. */
  loads: number;
  /** Adds a run of this page, as the one that its worker is busy with. */
  addRun: (recipe: Recipe) => RunEntry;
  /** Adds a run that a worker of an experiment carries out, and stores it. */
  addCell: (cell: { run: RunId; recipe: Recipe; experiment: string }) => Promise<void>;
  updateRun: (id: RunId, changes: Partial<RunEntry>) => void;
  setActive: (id: RunId | null) => void;
  /** Shows a run in the instruments; its record is read if it is not there. */
  viewRun: (id: RunId) => void;
  /** Reads the list of stored runs. */
  readRuns: () => Promise<void>;
  /** Reads the record of a stored run, once. */
  loadRecord: (id: RunId) => Promise<void>;
  /** Reads the record of a run anew, up to a chunk of its log. */
  rebuildRecord: (id: RunId, chunks: number) => Promise<void>;
  /** Adds events of a run of this page to its record. @returns false where there is no record */
  recordEvents: (id: RunId, events: RunEvent[]) => boolean;
  /** Adds events to the record of a run that has ended, and to what is stored of it. */
  addEvents: (id: RunId, events: RunEvent[]) => Promise<void>;
  /** Writes the label of a run of this page to the storage. */
  storeRun: (entry: RunEntry) => Promise<void>;
  /** Changes name or notes of a run, and stores them. */
  describe: (id: RunId, changes: { name?: string; notes?: string }) => void;
  /** Reads anew what is stored of a run. */
  reread: (id: RunId) => Promise<void>;
  /** Another tab has changed what is stored. */
  takeNews: (news: News) => void;
}

/** Records that stay in memory beside those that are shown; others are read from the storage again. */
const spareRecords = 3;

const unreadable = 'The curves of this run could not be read';

export const runListSlice: LibrarySlice<RunListSlice> =
  ({ view, records, ticker }) =>
  (set, get) => {
    /** Chunks of each run's log that its record holds. */
    const read = new Map<RunId, number>();
    /** Runs whose record the storage holds to its end. */
    const whole = new Set<RunId>();
    /** Runs of other tabs whose end is waited for. */
    const followed = new Set<RunId>();

    const entryOf = (id: RunId) => get().runs.find((run) => run.id === id);

    const newEntry = (id: RunId, recipe: Recipe, experiment: string | null): RunEntry => ({
      id,
      number: (get().runs.at(-1)?.number ?? 0) + 1,
      name: recipe.title,
      recipe,
      state: 'preparing',
      notes: '',
      createdAt: Date.now(),
      experiment,
      stored: false,
      elsewhere: false,
      ...nothingStored,
    });

    /** Shows the progress of another tab's run until that tab releases it. */
    const follow = async (from: Storage, id: RunId) => {
      if (followed.has(id)) return;
      followed.add(id);
      await untilFree(from.locks, id);
      followed.delete(id);
      const known = entryOf(id);
      if (get().active === id) return;
      const progress = known ? await stored.readProgress(from, id) : null;
      if (!progress) return get().readRuns();
      get().updateRun(id, { ...progressPart(progress), elsewhere: false, state: openState(progress, false) });
    };

    const rebuild = async (from: Storage, id: RunId, until?: number) => {
      const { events, next } = await stored.readEvents(from, id, 0, until);
      const record = new RunRecord(id, entryOf(id)!.recipe);
      record.take(events);
      read.set(id, next);
      records.set(id, record);
      if (until === undefined) whole.add(id);
      set(({ loads }) => ({ loads: loads + 1 }));
    };

    /** Lets go of the oldest records that the storage can give back. */
    const letGo = () => {
      const { viewed, compared } = view.getState();
      const shown = [get().active, viewed, ...compared];
      const spare = [...records.keys()].filter((id) => whole.has(id) && !shown.includes(id));
      for (const id of spare.slice(0, -spareRecords)) {
        records.delete(id);
        read.delete(id);
      }
      if (spare.length > spareRecords) set(({ loads }) => ({ loads: loads + 1 }));
    };

    return {
      runs: [],
      active: null,
      experimentNews: null,
      loads: 0,

      addRun: (recipe) => {
        const id = newRunId();
        records.set(id, new RunRecord(id, recipe));
        const entry = newEntry(id, recipe, null);
        set(({ runs }) => ({ runs: [...runs, entry], active: id }));
        letGo();
        return entry;
      },
      addCell: async ({ run: id, recipe, experiment }) => {
        if (entryOf(id)) return;
        const entry = newEntry(id, recipe, experiment);
        set(({ runs }) => ({ runs: [...runs, entry] }));
        await get().storeRun(entry);
      },
      updateRun: (id, changes) =>
        set(({ runs }) => ({ runs: runs.map((run) => (run.id === id ? { ...run, ...changes } : run)) })),
      setActive: (active) => {
        if (active !== null) whole.delete(active);
        set({ active });
      },
      viewRun: (id) => {
        view.getState().show(id);
        if (!records.has(id)) void get().loadRecord(id);
        letGo();
        ticker.touch();
      },

      readRuns: () =>
        get().withStorage('The stored runs could not be read', async (from) => {
          const found = (await stored.listRuns(from)).map(entryFrom);
          const known = new Map(found.map((run) => [run.id, run]));
          const { active, runs } = get();
          // The page's own entry is newer for the active run and for runs that are not stored yet.
          const own = runs
            .filter((run) => run.id === active || !run.stored)
            .map((run) => ({ ...run, ...describedIn(known.get(run.id)) }));
          const others = found.filter((run) => !own.some(({ id }) => id === run.id));
          for (const { id } of runs)
            if (!known.has(id) && !own.some((run) => run.id === id)) records.delete(id);
          set({ runs: [...others, ...own].sort((a, b) => a.number - b.number) });
          for (const { id, elsewhere } of others) if (elsewhere) void follow(from, id);
        }),

      loadRecord: async (id) => {
        if (records.has(id)) return;
        await get().withStorage(unreadable, (from) => rebuild(from, id));
        ticker.touch();
      },
      rebuildRecord: async (id, chunks) => {
        await get().withStorage(unreadable, (from) => rebuild(from, id, chunks));
        get().updateRun(id, { moves: records.get(id)?.moves ?? [] });
      },
      recordEvents: (id, events) => {
        const record = records.get(id);
        if (!record) return false;
        const { outcome } = record;
        record.take(events);
        if (record.outcome && record.outcome !== outcome)
          get().updateRun(id, { final: record.outcome.final });
        for (const event of events)
          if (event.type === 'backend')
            get().updateRun(id, { backend: entryOf(id)?.backend ?? event.name, moves: record.moves });
        return true;
      },

      addEvents: async (id, events) => {
        get().recordEvents(id, events);
        if (!entryOf(id)?.stored) return;
        await get().withStorage('The measurement could not be stored', async (to) => {
          await stored.appendEvents(to, id, events);
          // The record holds them already.
          if (read.has(id)) read.set(id, read.get(id)! + 1);
        });
      },

      storeRun: async (entry) => {
        const { id, number, name, notes, recipe, createdAt, experiment } = entry;
        try {
          const to = await get().storageNow();
          if (!to) return;
          const label = {
            id,
            number,
            name,
            note: recipe.note,
            notes,
            recipe,
            createdAt,
            deletedAt: null,
            experiment,
          };
          get().updateRun(id, { number: await stored.addRun(to, label), stored: true });
        } catch (error) {
          const fault = faultOf(error);
          // A full storage is reported by the run's worker, which also reports when there is room again.
          if (fault.kind !== 'full')
            view.getState().notify({
              tone: 'warning',
              title: 'The run could not be added',
              text: fault.message,
            });
        }
      },
      describe: (id, changes) => {
        get().updateRun(id, changes);
        void get().withStorage('The name could not be stored', (to) => stored.relabel(to, id, changes));
      },

      reread: async (id) => {
        await get().withStorage('The stored run could not be read', async (from) => {
          const progress = await stored.readProgress(from, id);
          if (!progress) return;
          if (progress.state !== 'open' && get().active !== id) {
            whole.add(id);
            // News of its end bring nothing that the record lacks.
            read.set(id, progress.chunks);
          }
          const { kept, weights, ...rest } = progressPart(progress);
          // The page's own entry is newer for the active run, and for a run whose end could not be stored.
          const isBehind = progress.state === 'open' && entryOf(id)?.final;
          get().updateRun(
            id,
            get().active === id || isBehind ? { kept, weights } : { kept, weights, ...rest },
          );
        });
        await get().measureUsage();
      },

      takeNews: (news) => {
        if (news.type === 'experiment') return set({ experimentNews: news });
        if (news.type === 'dropped') return get().sayDropped(news.teachers);
        if (news.type === 'shelf') return void get().readRuns();
        if (get().active === news.run) return;
        void get().withStorage('A run of another tab could not be read', async (from) => {
          const [progress, known] = [await stored.readProgress(from, news.run), entryOf(news.run)];
          if (!progress || !known) return get().readRuns();
          get().updateRun(news.run, {
            ...progressPart(progress),
            elsewhere: progress.state === 'open',
            state: openState(progress, true),
          });
          if (progress.state === 'open') {
            view.getState().settle(news.run);
            void follow(from, news.run);
          }
          const record = records.get(news.run);
          if (!record) return;
          const { events, next } = await stored.readEvents(from, news.run, read.get(news.run) ?? 0);
          read.set(news.run, next);
          record.take(events);
          ticker.touch();
        });
      },
    };
  };

/** Unique over all tabs and visits. */
export function newRunId(): RunId {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
