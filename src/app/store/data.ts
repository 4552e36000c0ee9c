import type { ImportChoices, ImportFile, ImportReport } from '../../data/import-report';
import type { SetEdit } from '../../data/edit';
import { openDataset } from '../../storage/datasets';
import { ownRefOf, refOf, type ImageSet, type OwnSetRef } from '../../storage/image-set';
import { download, fileName } from '../download';
import { isRunFile } from './run-files';
import type { Slice } from './state';
import { collectionSlice, type CollectionSlice } from './collection';
import { editingSlice, type EditingSlice } from './editing';
import { sentenceOf } from '../../limits/texts';
import type { RunFacts } from '../../training/events';
import type { RunningTask } from '../../worker/import-client';
import type { OnProgress } from '../../worker/rpc';
import type { RunId } from '../../worker/training-protocol';

export interface Candidate {
  report: ImportReport;
  /** Null when the files were refused. */
  set: ImageSet | null;
  /** What was read, to be read again with other choices. */
  files: ImportFile[];
  choices: ImportChoices;
}

export interface DataSlice extends CollectionSlice, EditingSlice {
  /** The person's own images, once they said "use it". */
  upload: ImageSet | null;
  /** Read, but not yet taken. */
  candidate: Candidate | null;
  importing: { text: string; share: number | null } | null;
  /** Bundled sets that have been read for their thumbnails. */
  bundled: Record<string, ImageSet>;
  /** The set of the person's own that the recipe is trained on; null for a bundled one, or when there is none yet. */
  ownSet: () => OwnSetRef | null;
  importFiles: (files: ImportFile[], choices?: ImportChoices) => Promise<void>;
  /** Ends the import or export under way. */
  cancelImport: () => void;
  takeCandidate: () => void;
  refuseCandidate: () => void;
  /** Takes a set as the person's own images; `edited`: it is the one in use, changed by hand. */
  takeDataset: (taken: ImageSet, edited?: boolean) => void;
  /** Makes the changes of a set by hand. @returns the changed set; null when it was cancelled or cannot be made */
  changeSet: (from: ImageSet, edit: SetEdit) => Promise<ImageSet | null>;
  /** Packs a set, as it is or changed by hand, as a zip of class folders and hands it to the person. */
  exportSet: (from: ImageSet, edit: SetEdit | null) => Promise<void>;
  fetchBundled: (id: string) => void;
  /** The images that a run was trained on; null where they are not here (any more). */
  imagesOf: (run: RunId) => Promise<ImageSet | null>;
}

export const dataSlice: Slice<DataSlice> =
  (services) =>
  (...api) => {
    const [set, get] = api;
    const { imports } = services;
    let task: { cancel(): void } | null = null;
    const asked = new Set<string>();
    const failed = (title: string, error: unknown) =>
      get().notify({
        tone: 'warning',
        title,
        text: `${sentenceOf(error)} The previous data set stays in use.`,
      });
    /** What was shown before gives way, and what nobody takes is not stored. */
    const offer = (candidate: Candidate | null) => {
      const before = get().candidate?.set;
      set({ candidate });
      if (before && before.key !== candidate?.set?.key) get().withdraw(before);
    };
    /** Follows the one thing that the import worker does for the page, until it is done or another one is begun. */
    const work = async <T>(
      text: string,
      title: string,
      begin: (onProgress: OnProgress) => RunningTask<T>,
    ): Promise<T | null> => {
      task?.cancel();
      set({ importing: { text, share: null } });
      const mine = begin((now, share) => {
        if (task === mine) set({ importing: { text: now, share } });
      });
      task = mine;
      let done: T | null = null;
      try {
        done = await mine.result;
      } catch (error) {
        if (task === mine) failed(title, error);
      }
      if (task !== mine) return null;
      task = null;
      set({ importing: null });
      return done;
    };
    return {
      ...collectionSlice(services)(...api),
      ...editingSlice(services)(...api),
      upload: null,
      candidate: null,
      importing: null,
      bundled: {},
      ownSet: () => {
        const { recipe, upload } = get();
        return recipe.material.dataset === 'upload' && upload ? ownRefOf(upload) : null;
      },

      importFiles: async (files, choices = {}) => {
        const [first] = files;
        if (first && files.length === 1 && isRunFile(first.path))
          return get().openRunFile(first.path.slice(first.path.lastIndexOf('/') + 1), first.bytes);
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
        const store = get().keeping !== false;
        const mine = imports().importFiles(files, {
          onProgress: (text, share) => {
            if (task === mine) set({ importing: { text, share } });
          },
          choices,
          store,
        });
        task = mine;
        try {
          const { report, set: found } = await mine.result;
          if (task !== mine) return;
          offer({ report, set: found, files, choices });
          get().announce(report.message);
        } catch (error) {
          if (task !== mine) return;
          failed('The files could not be read', error);
        }
        task = null;
        set({ importing: null });
      },
      cancelImport: () => {
        task?.cancel();
        task = null;
        set({ importing: null });
        get().announce('Cancelled. The previous data set stays in use.');
      },
      takeCandidate: () => {
        const { candidate, takeDataset } = get();
        if (!candidate?.set) return;
        set({ candidate: null });
        takeDataset(candidate.set);
      },
      refuseCandidate: () => offer(null),
      takeDataset: (taken, edited) => {
        set({ upload: taken, panel: null });
        void get().keepSet(taken);
        get().setDataset('upload', edited);
        get().announce(`${taken.title} is in use.`);
      },

      changeSet: (from, edit) =>
        work('Changing the images', 'The changes could not be used', (onProgress) =>
          imports().changeSet(refOf(from), edit, get().keeping !== false, onProgress),
        ),
      exportSet: async (from, edit) => {
        const zip = await work('Packing images', 'The images could not be packed', (onProgress) =>
          imports().exportSet(refOf(from), edit, onProgress),
        );
        if (!zip) return;
        download(`${fileName(from.title)}.zip`, zip, 'application/zip');
        get().announce('The images are packed.');
      },

      imagesOf: async (id) => {
        const run = get().runs.find((known) => known.id === id);
        if (!run) return null;
        const { recipe, dataset } = run;
        const { upload } = get();
        if (dataset?.kind === 'stored') {
          if (upload?.key === dataset.hash) return upload;
          let found: ImageSet | null = null;
          await get().withStorage('The images of this run could not be read', async (from) => {
            found = await openDataset(from, dataset.hash);
          });
          return found;
        }
        // A run that is not stored has the images that were in use when it began; they may have given way to others.
        if (recipe.material.dataset === 'upload')
          return upload && isTrainedOn(services.histories.get(id)?.facts ?? null, upload) ? upload : null;
        return (
          get().bundled[recipe.material.dataset] ??
          imports()
            .bundled(recipe.material.dataset)
            .catch(() => null)
        );
      },
      fetchBundled: (id) => {
        if (asked.has(id)) return;
        asked.add(id);
        imports()
          .bundled(id)
          .then(
            (found) => set(({ bundled }) => ({ bundled: { ...bundled, [id]: found } })),
            () => asked.delete(id),
          );
      },
    };
  };

/** Whether a run can have been trained on a set, by all that it says of its own. */
function isTrainedOn(facts: RunFacts | null, { title, classes, height, width, channels }: ImageSet): boolean {
  if (!facts) return false;
  const own = facts.dataset;
  return (
    JSON.stringify([own.title, own.classes]) === JSON.stringify([title, classes]) &&
    height >= own.shape[0] &&
    width >= own.shape[1] &&
    channels === own.shape[2]
  );
}
