/** The import worker: reads uploads and bundled sets with the readers of src/data. */
import { datasetOfImages, labelledImagesOf, type LabelledImages } from '../data/labelled-images';
import type { Dataset } from '../data/dataset';
import { decodeImage } from '../data/decode';
import { applied } from '../data/edit';
import { limitsOfMachine } from '../data/limits';
import { zipOfFolders } from '../data/export-folders';
import { offerDataset, storedSounds } from '../storage/datasets';
import { heldSet, openSet, packSet, type SetHandle, type SetRef } from '../storage/set-handle';
import { openStorage, type Storage } from '../storage/storage';
import type { ImportProtocol } from './import-protocol';
import { OpenSets } from './open-sets';
import { serve, type OnProgress } from './rpc';

let opened: Promise<Storage> | null = null;

/** Does not wait for runs of other tabs. @throws StorageFault */
function storage(): Promise<Storage> {
  opened ??= new Promise<Storage>((resolve, reject) => {
    openStorage(() => reject(new Error('The storage waits for another tab.'))).then(resolve, reject);
  });
  return opened;
}

const sets = new OpenSets(storage);

serve<ImportProtocol>({
  gather: (before, files) => {
    const all = before ?? [];
    all.push(...files);
    return all;
  },
  handlers: {
    async read({ files, choices, store }, { progress: onProgress, signal, gathered }) {
      const all = [...(gathered ?? []), ...files];
      // Readers of all formats: a worker that only opens sets needs none of them.
      const { importFiles } = await import('../data/import-dataset');
      const { deviceMemory } = navigator as { deviceMemory?: number };
      const limits = limitsOfMachine(deviceMemory);
      const result = await importFiles(all, { decodeImage, onProgress, signal, choices, limits });
      signal.throwIfAborted();
      const { report, dataset } = result;
      if (!dataset) return { report, set: null };
      const sounds = result.sounds && (await import('../storage/sounds-file')).packSounds(result.sounds);
      return { report, set: await laidDown(dataset, sounds, store, onProgress) };
    },
    async change({ set, edit, store }, { progress, signal }) {
      const dataset = datasetOfImages(applied(await openImages(set), edit));
      signal.throwIfAborted();
      return laidDown(dataset, await soundsOf(set), store, progress);
    },
    async pack({ set, edit }, { progress: onProgress, signal }) {
      const dataset = await openImages(set);
      return zipOfFolders(edit ? applied(dataset, edit) : dataset, { onProgress, signal });
    },
    async bundled(id) {
      const { parts } = await packSet(await sets.open({ kind: 'bundled', id }));
      return openSet(new Blob([...parts]), id, false);
    },
  },
});

/** @throws Error when the set holds no labelled images: only such are changed by hand */
async function openImages(ref: SetRef): Promise<LabelledImages> {
  const images = labelledImagesOf(await sets.open(ref));
  if (!images) throw new Error('This data set holds no images with classes, so it cannot be changed here.');
  return images;
}

async function soundsOf(ref: SetRef): Promise<Blob | undefined> {
  if (ref.kind === 'held') return ref.sounds;
  return ref.kind === 'stored' ? storedSounds(await storage(), ref.hash) : undefined;
}

/** Stores a set, or keeps it in memory where the storage is missing or full; the reason shows when the set is taken. */
async function laidDown(
  dataset: Dataset,
  sounds: Blob | undefined,
  store: boolean,
  progress: OnProgress,
): Promise<SetHandle> {
  progress('Storing the data set', null);
  const packed = { ...(await packSet(dataset)), sounds };
  if (!store) return heldSet(packed);
  return storage()
    .then((to) => offerDataset(to, packed))
    .catch(() => heldSet(packed));
}
