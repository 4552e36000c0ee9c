/** The user's own data sets that are stored in this browser, and the pictures being sorted by hand. */
import * as collections from '../../../storage/collection-files';
import * as datasets from '../../../storage/datasets';
import { labelledSetOf } from '../../../storage/image-set';
import { openSet, type SetHandle } from '../../../storage/set-handle';
import type { StoredDataset } from '../../../storage/schema';
import { undoNotice, undoSeconds } from '../library/library-store';
import type { DataSlice, DataState } from './data-store';

export interface SavedDatasetsSlice {
  /** Kept in this browser, the one taken last first. */
  sets: StoredDataset[];
  /** What was kept when the page was open before: sets, pictures under way, and the images that the recipe studies. */
  restoreSets: () => Promise<void>;
  readSets: () => Promise<void>;
  /** Keeps a set; where nothing can be stored it only stays as long as the page. */
  keepSet: (taken: SetHandle) => Promise<void>;
  /** Takes a stored set as the user's own images. */
  takeSet: (hash: string) => Promise<void>;
  /** Deletes a saved set; for some seconds it can be restored. */
  discardSet: (hash: string) => void;
  /** Removes an imported set that was not taken from the storage. */
  withdraw: (offered: SetHandle) => void;
  /** Tells the other tabs which sets this page shows or has in use, so that they are not removed. */
  claimSets: () => void;
  /** Gets the images in use back from the training worker, where the storage was cleared. */
  rescueSet: () => Promise<void>;
  /** Stores the pictures that are being sorted, some moments after the last change. */
  keepCollection: () => void;
}

type Held = Pick<DataState, 'upload' | 'candidate' | 'editing' | 'studied'>;

/** Stored sets that the page shows or has in use. */
function setsInUse({ upload, candidate, editing, studied }: Held): string[] {
  const all = [upload, candidate?.set, editing?.dataset, studied];
  return all.flatMap((known) => (known?.stored ? [known.key] : []));
}

/** Whether other sets may be in use than before. */
export function areOtherSets(now: Held, before: Held): boolean {
  return (['upload', 'candidate', 'editing', 'studied'] as const).some((part) => now[part] !== before[part]);
}

export const savedDatasetsSlice: DataSlice<SavedDatasetsSlice> =
  ({ view, library, recipe, training }) =>
  (set, get) => {
    let holdsCollection = false;
    let timer: number | undefined;
    let saving = Promise.resolve();
    let rescuing: Promise<void> | null = null;
    const claims = new Map<string, () => void>();
    const unreadable = 'The stored data could not be read';

    const saveNow = () =>
      library.getState().withStorage('The pictures you sort are not kept', async (to) => {
        const classes = get().collection.map(({ name, pictures }) => ({ name, pictures }));
        set({ collectionKept: false });
        await collections.saveCollection(to, classes);
        set({ collectionKept: true });
      });

    /** Puts the same set in place of itself: it lies elsewhere now. */
    const replace = (by: SetHandle) =>
      set(({ upload, editing, studied }) => {
        const labelled = labelledSetOf(by);
        return {
          ...(upload?.key === by.key ? { upload: by } : {}),
          ...(labelled && editing?.dataset.key === by.key
            ? { editing: { ...editing, dataset: labelled } }
            : {}),
          ...(studied?.key === by.key ? { studied: by } : {}),
        };
      });

    const rescue = async () => {
      const { upload } = get();
      if (!upload?.stored || library.getState().keeping !== true) return;
      const { key, title } = upload;
      let isThere = false;
      await library.getState().withStorage(unreadable, async (from) => {
        isThere = await datasets.hasDataset(from, key);
      });
      if (isThere) return;
      const nothing = { set: null };
      const { set: lent } = await training.call('lend', { set: key, teacher: null }).catch(() => nothing);
      if (get().upload?.key !== key) return;
      if (lent) {
        const held = await openSet(lent, key, false);
        replace(held);
        return get().keepSet(held);
      }
      set({ upload: null, uploadHash: null });
      view.getState().notify({
        tone: 'warning',
        title: `“${title}” is gone`,
        text: 'The browser has cleared what this page had stored. Import the files again to use them.',
      });
    };

    return {
      sets: [],

      restoreSets: async () => {
        await get().readSets();
        await library.getState().withStorage(unreadable, async (from) => {
          const [latest] = get().sets;
          const wanted = () => recipe.getState().recipe.material.dataset === 'upload' && !get().upload;
          if (latest && wanted()) {
            const upload = await datasets.openDataset(from, latest.hash);
            if (wanted()) set({ upload, uploadHash: latest.hash });
          }
        });
        await library.getState().withStorage('The pictures you sorted could not be read', async (from) => {
          holdsCollection = await collections.holdCollection(from);
          set({ collectionKept: holdsCollection });
          const classes = holdsCollection ? await collections.loadCollection(from) : null;
          if (classes) get().restoreCollection(classes);
        });
      },
      readSets: () =>
        library
          .getState()
          .withStorage(unreadable, async (from) => set({ sets: await datasets.keptDatasets(from) })),

      keepSet: async (taken) => {
        const { key, title } = taken;
        set({ uploadHash: null });
        await library.getState().withStorage(`“${title}” is not kept`, async (to) => {
          const { file, sources, sounds } = taken;
          const packed = { about: taken, hash: key, parts: [file], sources, sounds };
          const kept = await datasets.keepDataset(to, packed);
          // What was in memory is not needed there any more.
          if (!taken.stored) replace(kept);
          if (get().upload?.key === key) set({ uploadHash: key });
          // It may have been changed before it was stored.
          if (get().editing?.dataset.key === key) get().keepEdits();
          set({ sets: await datasets.keptDatasets(to) });
        });
        await library.getState().measureUsage();
      },
      takeSet: (hash) =>
        library.getState().withStorage(unreadable, async (from) => {
          const upload = await datasets.openDataset(from, hash);
          await datasets.markKept(from, hash, Date.now());
          set({ upload, uploadHash: hash, sets: await datasets.keptDatasets(from) });
          view.getState().set({ panel: null });
          get().setDataset('upload');
          view.getState().announce(`${upload.title} is in use.`);
        }),
      discardSet: (hash) => {
        const gone = get().sets.find((known) => known.hash === hash);
        if (!gone) return;
        const failed = 'The stored data could not be deleted';
        set(({ sets }) => ({ sets: sets.filter((known) => known !== gone) }));
        void library.getState().withStorage(failed, (to) => datasets.markKept(to, hash, null));
        const purge = window.setTimeout(
          () =>
            void library
              .getState()
              .withStorage(failed, datasets.sweepDatasets)
              .then(() => library.getState().measureUsage()),
          1000 * undoSeconds,
        );
        const takeBack = () => {
          window.clearTimeout(purge);
          void library
            .getState()
            .withStorage('The data set could not be restored', (to) =>
              datasets.markKept(to, hash, gone.keptAt ?? 1),
            )
            .then(() => get().readSets());
        };
        const text = `“${gone.title}”. Runs that were trained on it keep their copy.`;
        view.getState().notify(undoNotice('A data set was deleted', text, takeBack));
      },

      withdraw: ({ key, stored: isStored }) => {
        if (!isStored) return;
        void library
          .getState()
          .withStorage('The data set could not be removed', (from) => datasets.withdrawDataset(from, key))
          .then(() => library.getState().measureUsage());
      },
      claimSets: () => {
        if (library.getState().keeping !== true) return;
        const used = new Set(setsInUse(get()));
        for (const [hash, release] of claims) {
          if (used.has(hash)) continue;
          release();
          claims.delete(hash);
        }
        if ([...used].every((hash) => claims.has(hash))) return;
        void library.getState().withStorage(unreadable, async (from) => {
          // Meanwhile it may not be in use any more.
          for (const hash of setsInUse(get()))
            if (!claims.has(hash)) claims.set(hash, datasets.claimDataset(from, hash));
        });
      },
      rescueSet: () => (rescuing ??= rescue().finally(() => (rescuing = null))),

      keepCollection: () => {
        if (!holdsCollection) return;
        set({ collectionKept: false });
        window.clearTimeout(timer);
        // One after the other: two at a time would each take the other's new files for strays.
        timer = window.setTimeout(() => void (saving = saving.then(saveNow)), 300);
      },
    };
  };
