/** Data sets of the person's own, each kept once, called by what is in it. */
import type { Dataset } from '../data/dataset';
import { digestOf } from './digest';
import { sweepEditDrafts } from './edit-drafts';
import { StorageFault } from './faults';
import { packParts, unpack } from './pack';
import { soundProgress } from './rows';
import { soundDataset } from './run-contents';
import type { DatasetRef, StoredDataset } from './schema';
import type { Storage } from './storage';

/** Held in shared mode while a set is being stored for a run, alone while unused sets are removed. */
const gate = 'retort/datasets';

const pathOf = (hash: string) => `datasets/${hash}`;

/** Names that were worked out before: on the page that takes time in which it does not answer. */
const names = new WeakMap<Dataset, string>();

/** What a set is called here: the digest of all that is in it. */
export function datasetName(dataset: Dataset): Promise<string> {
  return digestOf(packParts(dataset));
}

/** Notes what a worker has found a set to be called. The set must not be changed from then on. */
export function noteDatasetName(dataset: Dataset, name: string): void {
  names.set(dataset, name);
}

/**
 * Stores a set unless it is stored already, then calls `refer`, which must write down that a run uses it.
 * @throws DOMException, StorageFault
 */
export async function storeDataset(
  { database, files, locks }: Storage,
  dataset: Dataset,
  refer: (ref: DatasetRef) => Promise<void>,
): Promise<void> {
  const parts = packParts(dataset);
  const hash = names.get(dataset) ?? (await digestOf(parts));
  await locks.request(gate, { mode: 'shared' }, async () => {
    // Two tabs with the same images must not write one file together.
    await locks.request(`${gate}/${hash}`, async () => {
      if (await database.get('datasets', hash)) return;
      const path = pathOf(hash);
      await files.write(path, parts);
      await database.put('datasets', aboutDataset(dataset, path, hash, parts));
    });
    await refer({ kind: 'stored', hash });
  });
}

/** Stores a set for itself, whether a run uses it or not. @returns its name. @throws DOMException, StorageFault */
export async function keepDataset(storage: Storage, dataset: Dataset): Promise<string> {
  let kept = '';
  await storeDataset(storage, dataset, async (ref) => {
    if (ref.kind !== 'stored') return;
    kept = ref.hash;
    await markKept(storage, ref.hash, Date.now());
  });
  return kept;
}

/** Says since when a set is kept for itself; null: it goes with the last run that uses it. */
export async function markKept({ database }: Storage, hash: string, keptAt: number | null): Promise<void> {
  const change = database.transaction('datasets', 'readwrite');
  const about = await change.store.get(hash);
  if (about) await change.store.put({ ...about, keptAt });
  await change.done;
}

/** Sets that are kept for themselves, the one taken last first. */
export async function keptDatasets({ database }: Storage): Promise<StoredDataset[]> {
  const all = await database.getAll('datasets');
  return all.filter(({ keptAt }) => keptAt).sort((a, b) => b.keptAt! - a.keptAt!);
}

/** @throws StorageFault when it is gone or damaged */
export async function loadDataset({ database, files }: Storage, hash: string): Promise<Dataset> {
  const about = await database.get('datasets', hash);
  const bytes = about && (await files.read(about.path).catch(() => null));
  if (!bytes) throw new StorageFault('lost', 'These images are no longer stored in this browser.');
  if ((await digestOf([bytes])) !== hash) throw new StorageFault('damaged', 'The stored images are damaged.');
  const dataset = soundDataset(unpack(bytes));
  if (!dataset) throw new StorageFault('damaged', 'The stored images are damaged.');
  return dataset;
}

/** Removes the sets that no run uses and nobody keeps. */
export async function sweepDatasets(storage: Storage): Promise<void> {
  const { database, files, locks } = storage;
  await locks.request(gate, async () => {
    const used = new Set(
      (await database.getAll('progress'))
        .map(soundProgress)
        .flatMap(({ dataset }) => (dataset.kind === 'stored' ? [dataset.hash] : [])),
    );
    for (const { hash, keptAt } of await database.getAll('datasets')) {
      if (keptAt || used.has(hash)) continue;
      await database.delete('datasets', hash);
      await files.remove(pathOf(hash));
    }
    const known = new Set((await database.getAllKeys('datasets')).map(String));
    for (const name of await files.list('datasets')) if (!known.has(name)) await files.remove(pathOf(name));
    await sweepEditDrafts(storage, (set) => isDigest(set) && !known.has(set));
  });
}

/** Bundled sets, which are never gone, have plain names. */
function isDigest(set: string): boolean {
  return /^[0-9a-f]{64}$/.test(set);
}

function aboutDataset(
  { title, train, test, height, width, channels, classes, attribution }: Dataset,
  path: string,
  hash: string,
  parts: readonly Uint8Array[],
): StoredDataset {
  return {
    hash,
    path,
    digest: hash,
    bytes: parts.reduce((sum, { length }) => sum + length, 0),
    title,
    train: train.count,
    test: test.count,
    shape: [height, width, channels],
    classes: classes.length,
    ...(attribution ? { attribution } : {}),
    at: Date.now(),
  };
}
