/** The user's own data sets, each stored once under the digest of its contents. */
import { onlyView, type Dataset } from '../data/dataset';
import { gate, pathOf, soundsPathOf, sourcesPathOf, use } from './dataset-places';
import { StorageFault } from './faults';
import type { Files } from './file-system';
import { openSet, unpackSet, type PackedSet, type SetAbout, type SetHandle } from './set-handle';
import { hold } from './locks';
import type { DatasetRef, StoredDataset } from './schema';
import type { Storage } from './storage';

/**
 * Stores a set unless it is stored already, then calls `refer`, which must write the row that refers to it.
 * @throws DOMException, StorageFault
 */
export async function storeDataset(
  { database, files, locks }: Storage,
  { about, hash, parts, sources, sounds }: PackedSet,
  refer: (ref: DatasetRef & { kind: 'stored' }) => Promise<void>,
): Promise<void> {
  await locks.request(gate, { mode: 'shared' }, async () => {
    // Prevents two tabs with the same set from writing the same file.
    await locks.request(`${gate}/${hash}`, async () => {
      // The same contents may come again with other names: the last ones stay.
      if (sources) await (await import('./checks')).writeSources(files, sourcesPathOf(hash), sources);
      if (sounds) await replace(files, soundsPathOf(hash), sounds);
      if (await database.get('datasets', hash)) return;
      const path = pathOf(hash);
      try {
        await files.write(path, parts);
      } catch (error) {
        // Removes the incomplete file, which would take up space.
        await files.remove(path).catch(() => undefined);
        throw error;
      }
      await database.put('datasets', rowOf(about, path, hash, parts));
    });
    await refer({ kind: 'stored', hash });
  });
}

/** Stores an imported set before it is known whether the user takes it. @throws DOMException, StorageFault */
export async function offerDataset(storage: Storage, packed: PackedSet): Promise<SetHandle> {
  await storeDataset(storage, packed, ({ hash }) => mark(storage, hash, { offeredAt: Date.now() }));
  return openDataset(storage, packed.hash);
}

/** Stores a set permanently, whether a run uses it or not. @throws DOMException, StorageFault */
export async function keepDataset(storage: Storage, packed: PackedSet): Promise<SetHandle> {
  await storeDataset(storage, packed, ({ hash }) => markKept(storage, hash, Date.now()));
  return openDataset(storage, packed.hash);
}

/** Records since when a set is kept. Null: it is removed with the last run that uses it. */
export async function markKept(storage: Storage, hash: string, keptAt: number | null): Promise<void> {
  await mark(storage, hash, { keptAt, offeredAt: null });
}

/** Withdraws the offer of an imported set, and removes the set unless something else uses it. */
export async function withdrawDataset(storage: Storage, hash: string): Promise<void> {
  await mark(storage, hash, { offeredAt: null });
  await sweepDatasets(storage);
}

async function mark(
  { database }: Storage,
  hash: string,
  changes: Partial<Pick<StoredDataset, 'keptAt' | 'offeredAt'>>,
): Promise<void> {
  const change = database.transaction('datasets', 'readwrite');
  const row = await change.store.get(hash);
  if (row) await change.store.put({ ...row, ...changes });
  await change.done;
}

/** Sets that the user keeps, the most recent first. */
export async function keptDatasets({ database }: Storage): Promise<StoredDataset[]> {
  const all = await database.getAll('datasets');
  return all.filter(({ keptAt }) => keptAt).sort((a, b) => b.keptAt! - a.keptAt!);
}

/**
 * Opens a set for display; its inputs are read on demand.
 * @throws StorageFault when it is missing or damaged
 */
export async function openDataset(storage: Storage, hash: string): Promise<SetHandle> {
  const [file, sources, sounds] = await Promise.all([
    datasetFile(storage, hash),
    storedSources(storage, hash),
    storedSounds(storage, hash),
  ]);
  return openSet(file, hash, true, { sources, sounds });
}

/** Reads a set with all its inputs. @throws StorageFault when it is missing or damaged */
export async function loadDataset(storage: Storage, hash: string): Promise<Dataset> {
  return unpackSet(await readDataset(storage, hash), hash, await storedSources(storage, hash));
}

/** Names of the rows of a stored set; undefined where it came without. */
export function storedSources({ files }: Storage, hash: string): Promise<Blob | undefined> {
  return files.blob(sourcesPathOf(hash)).catch(() => undefined);
}

/** The sounds behind the pictures of a stored set; undefined where none are kept. */
export function storedSounds({ files }: Storage, hash: string): Promise<Blob | undefined> {
  return files.blob(soundsPathOf(hash)).catch(() => undefined);
}

/** Writes sounds unless the same are there, by their list: all samples may take hundreds of megabytes. */
async function replace(files: Files, path: string, sounds: Blob): Promise<void> {
  const start = (file: Blob) => file.slice(0, 1024 * 1024).text();
  const before = await files.blob(path).catch(() => null);
  if (before?.size === sounds.size && (await start(before)) === (await start(sounds))) return;
  await files.remove(path);
  await files.write(path, [sounds]);
}

/** The bytes of a packed set, unverified. @throws StorageFault when it is missing */
export async function readDataset(storage: Storage, hash: string): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(await datasetFile(storage, hash));
}

/** @throws StorageFault when the file is gone */
export async function readFile(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer().catch(gone));
}

/** Whether a set is stored here. */
export function hasDataset(storage: Storage, hash: string): Promise<boolean> {
  return datasetFile(storage, hash)
    .then((file) => file.slice(0, 1).arrayBuffer())
    .then(
      () => true,
      () => false,
    );
}

/** The file of a packed set. @throws StorageFault when it is missing */
export async function datasetFile({ database, files }: Storage, hash: string): Promise<Blob> {
  const row = await database.get('datasets', hash);
  return row ? files.blob(row.path).catch(gone) : gone();
}

function gone(): never {
  throw new StorageFault('lost', 'This data set is no longer stored in this browser.');
}

/** Marks a set as used by this page, so that it is not removed. @returns a function that releases it */
export function claimDataset({ locks }: Storage, hash: string): () => void {
  return hold(locks, `${use}${hash}`);
}

/** Removes sets that no run uses, no page shows and the user does not keep. */
export async function sweepDatasets(storage: Storage): Promise<void> {
  // Loaded on demand, because the first paint removes nothing.
  await (await import('./sweep-datasets')).sweep(storage);
}

function rowOf(
  { title, train, test, inputs, target, attribution }: SetAbout,
  path: string,
  hash: string,
  parts: PackedSet['parts'],
): StoredDataset {
  return {
    hash,
    path,
    digest: hash,
    bytes: parts.reduce((sum, part) => sum + (part instanceof Blob ? part.size : part.length), 0),
    title,
    train: train.count,
    test: test.count,
    ...shownAs({ inputs, target }),
    ...(attribution ? { attribution } : {}),
    at: Date.now(),
  };
}

/** Pages that know only images with classes show `shape` and `classes` of any set. */
function shownAs({ inputs, target }: Pick<Dataset, 'inputs' | 'target'>) {
  const spec = inputs[onlyView] ?? Object.values(inputs)[0]!;
  const shape: StoredDataset['shape'] =
    spec.kind === 'image' ? [spec.height, spec.width, spec.channels] : [1, spec.names.length, 1];
  const isOfImages = spec.kind === 'image' && target.kind === 'class';
  return { shape, classes: target.names.length, ...(isOfImages ? {} : { inputs, target }) };
}
