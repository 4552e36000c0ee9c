/** The person's own sets that stay in this browser, and what is being sorted by hand. */
import * as stored from '../../storage/collection';
import { keepDataset, keptDatasets, loadDataset, markKept, sweepDatasets } from '../../storage/datasets';
import type { StoredDataset } from '../../storage/schema';
import type { Dataset } from '../../data/dataset';
import type { Slice } from './state';
import { undoNotice, undoSeconds } from './thrown-away';

export interface KeptSlice {
  /** Kept in this browser, the one taken last first. */
  sets: StoredDataset[];
  /** The one of them that is the person's own images now. */
  uploadHash: string | null;
  /** What was kept when the page was open before: sets, pictures under way, and the images that the recipe studies. */
  restoreSets: () => Promise<void>;
  readSets: () => Promise<void>;
  /** Stores a set; where nothing can be stored it only stays as long as the page. */
  keepSet: (dataset: Dataset) => Promise<void>;
  /** Takes a kept set as the person's own images. */
  takeSet: (hash: string) => Promise<void>;
  /** Throws a kept set away; for some seconds it can be taken back. */
  discardSet: (hash: string) => void;
  /** Stores the pictures that are being sorted, some moments after the last change. */
  keepCollection: () => void;
}

export const keptSlice: Slice<KeptSlice> = () => (set, get) => {
  let holdsCollection = false;
  let timer: number | undefined;
  let saving = Promise.resolve();
  const unreadable = 'The stored images could not be read';

  const saveNow = () =>
    get().withStorage('The pictures you sort are not kept', async (to) => {
      const classes = get().collection.map(({ name, pictures }) => ({ name, pictures }));
      set({ collectionKept: false });
      await stored.saveCollection(to, classes);
      set({ collectionKept: true });
    });

  return {
    sets: [],
    uploadHash: null,

    restoreSets: async () => {
      await get().readSets();
      await get().withStorage(unreadable, async (from) => {
        const [latest] = get().sets;
        const wanted = () => get().recipe.material.dataset === 'upload' && !get().upload;
        if (latest && wanted()) {
          const dataset = await loadDataset(from, latest.hash);
          if (wanted()) set({ upload: dataset, uploadHash: latest.hash });
        }
      });
      await get().withStorage('The pictures you sorted could not be read', async (from) => {
        holdsCollection = await stored.holdCollection(from);
        set({ collectionKept: holdsCollection });
        const classes = holdsCollection ? await stored.loadCollection(from) : null;
        if (classes) get().restoreCollection(classes);
      });
    },
    readSets: () => get().withStorage(unreadable, async (from) => set({ sets: await keptDatasets(from) })),

    keepSet: async (dataset) => {
      set({ uploadHash: null });
      await get().withStorage(`“${dataset.title}” is not kept`, async (to) => {
        const hash = await keepDataset(to, dataset);
        if (get().upload === dataset) set({ uploadHash: hash });
        // It may have been changed before it was stored.
        if (get().editing?.dataset === dataset) get().keepEdits();
        set({ sets: await keptDatasets(to) });
      });
      await get().measureUsage();
    },
    takeSet: (hash) =>
      get().withStorage(unreadable, async (from) => {
        const dataset = await loadDataset(from, hash);
        await markKept(from, hash, Date.now());
        set({ upload: dataset, uploadHash: hash, panel: null, sets: await keptDatasets(from) });
        get().setDataset('upload');
        get().announce(`${dataset.title} is in use.`);
      }),
    discardSet: (hash) => {
      const gone = get().sets.find((known) => known.hash === hash);
      if (!gone) return;
      const failed = 'The stored images could not be thrown away';
      set(({ sets }) => ({ sets: sets.filter((known) => known !== gone) }));
      void get().withStorage(failed, (to) => markKept(to, hash, null));
      const purge = window.setTimeout(
        () =>
          void get()
            .withStorage(failed, sweepDatasets)
            .then(() => get().measureUsage()),
        1000 * undoSeconds,
      );
      const takeBack = () => {
        window.clearTimeout(purge);
        void get()
          .withStorage('The images could not be taken back', (to) => markKept(to, hash, gone.keptAt ?? 1))
          .then(() => get().readSets());
      };
      const text = `“${gone.title}”. Runs that studied them keep their copy.`;
      get().notify(undoNotice('Images were thrown away', text, takeBack));
    },

    keepCollection: () => {
      if (!holdsCollection) return;
      set({ collectionKept: false });
      window.clearTimeout(timer);
      // One after the other: two at a time would each take the other's new files for strays.
      timer = window.setTimeout(() => void (saving = saving.then(saveNow)), 300);
    },
  };
};
