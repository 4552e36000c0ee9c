/** The stored runs as the page sees them: list, read, rename, delete. The journal writes them. */
import type { RunEvent } from '../training/events';
import { sweepDatasets } from './datasets';
import { entriesOf, eventsOf, sizeOf } from './event-log';
import { StorageFault } from './faults';
import { heldRuns, holdRun } from './locks';
import { sweepKeptTeachers } from './kept-teachers';
import { soundLabel, soundProgress } from './stored-rows';
import { sweepTeachers, teacherOf } from './stored-teachers';
import { bytesOf, type RunId, type RunLabel, type RunProgress } from './schema';
import type { Storage } from './storage';

/** Loaded on demand, because the first paint reads nothing. */
const checks = () => import('./checks');

export interface StoredRun {
  label: RunLabel;
  /** Null when the run was interrupted before its first save. */
  progress: RunProgress | null;
  /** A worker is carrying it out now. */
  held: boolean;
}

export interface Usage {
  /** Bytes of runs, data sets and teachers. */
  bytes: number;
  /** Space that the browser says it grants the page. */
  quota: number;
  /** The browser has promised not to clear the storage by itself. */
  persistent: boolean;
}

/** All runs except deleted ones, oldest first. */
export async function listRuns({ database, locks }: Storage): Promise<StoredRun[]> {
  const [labels, progress, held] = await Promise.all([
    database.getAll('runs'),
    database.getAll('progress'),
    heldRuns(locks),
  ]);
  const byRun = new Map(progress.map((entry) => [entry.run, soundProgress(entry)]));
  return labels
    .map(soundLabel)
    .filter(({ deletedAt }) => deletedAt === null)
    .sort((a, b) => a.number - b.number || a.createdAt - b.createdAt)
    .map((label) => ({ label, progress: byRun.get(label.id) ?? null, held: held.has(label.id) }));
}

/** Runs that were deleted since a moment and can be restored, the most recent first. */
export async function deletedRuns({ database }: Storage, since: number): Promise<RunLabel[]> {
  const labels = (await database.getAll('runs')).map(soundLabel);
  return labels
    .filter(({ deletedAt }) => deletedAt !== null && deletedAt >= since)
    .sort((a, b) => b.deletedAt! - a.deletedAt!);
}

export async function readProgress({ database }: Storage, run: RunId): Promise<RunProgress | null> {
  const stored = await database.get('progress', run);
  return stored ? soundProgress(stored) : null;
}

/**
 * Events of a run, from one chunk to before another.
 * @returns the events and the number of the next chunk
 */
export async function readEvents(
  { database }: Storage,
  run: RunId,
  from = 0,
  until = Infinity,
): Promise<{ events: RunEvent[]; next: number }> {
  const chunks = await database.getAll('log', IDBKeyRange.bound([run, from], [run, until], false, true));
  return {
    events: eventsOf((await checks()).soundEntries(chunks.flatMap(({ entries }) => entries))),
    next: (chunks.at(-1)?.place ?? from - 1) + 1,
  };
}

/**
 * Appends events to the log of a run that has ended, such as a measurement of its networks.
 * @throws StorageFault `busy` while it is carried out, DOMException
 */
export async function appendEvents(
  { database, locks, tell }: Storage,
  run: RunId,
  events: readonly RunEvent[],
): Promise<void> {
  const release = await holdRun(locks, run);
  if (!release) throw new StorageFault('busy', 'It is running in another tab.');
  try {
    const change = database.transaction(['progress', 'log'], 'readwrite');
    const stored = await change.objectStore('progress').get(run);
    // Without a row the run is not stored; one that was interrupted goes on from its checkpoint, without these events.
    if (stored && soundProgress(stored).state !== 'open') {
      const entries = entriesOf(events);
      const { chunks, logBytes } = soundProgress(stored);
      await change.objectStore('log').put({ run, place: chunks, entries });
      const counted = { chunks: chunks + 1, logBytes: logBytes + sizeOf(entries) };
      await change.objectStore('progress').put({ ...stored, ...counted });
    }
    await change.done;
  } finally {
    release();
  }
  tell({ type: 'progress', run });
}

/**
 * Adds a new run; adding it twice has no effect.
 * @returns its number: the next one, also when other tabs add runs
 */
export async function addRun({ database, tell }: Storage, label: RunLabel): Promise<number> {
  const change = database.transaction('runs', 'readwrite');
  const others = (await change.store.getAll()).filter(({ id }) => id !== label.id);
  const numbers = others.map((known) => soundLabel(known).number);
  const number = numbers.includes(label.number) ? Math.max(...numbers) + 1 : label.number;
  await change.store.put({ ...label, number });
  await change.done;
  tell({ type: 'shelf' });
  return number;
}

/** Changes the user's data of a run. Deleting and restoring are changes too. */
export async function relabel(
  { database, tell }: Storage,
  run: RunId,
  changes: Partial<Pick<RunLabel, 'name' | 'notes' | 'deletedAt' | 'experiment'>>,
): Promise<void> {
  const change = database.transaction('runs', 'readwrite');
  const label = await change.store.get(run);
  if (label) await change.store.put({ ...label, ...changes });
  await change.done;
  tell({ type: 'shelf' });
}

/** Removes a run permanently. @throws StorageFault `busy` while it is carried out */
export async function purgeRun(storage: Storage, run: RunId): Promise<void> {
  const release = await holdRun(storage.locks, run);
  if (!release) throw new StorageFault('busy', 'It is running in another tab.');
  let teacher: string | null;
  try {
    teacher = await remove(storage, run);
  } finally {
    release();
  }
  await sweepDatasets(storage);
  await sweepTeachers(storage, teacher === null ? [] : [teacher]);
}

/** Removes runs that were deleted before a moment, and files that belong to no run. */
export async function sweep(storage: Storage, before: number): Promise<void> {
  const { database, files, locks } = storage;
  const labels = (await database.getAll('runs')).map(soundLabel);
  const gone = labels.filter(({ deletedAt }) => deletedAt !== null && deletedAt < before);
  const known = new Set(labels.map(({ id }) => id));
  const strays = [...(await database.getAllKeys('progress')), ...(await files.list('runs'))].filter(
    (run) => !known.has(run),
  );
  const teachers: string[] = [];
  for (const run of new Set([...gone.map(({ id }) => id), ...strays])) {
    const release = await holdRun(locks, run);
    if (!release) continue;
    // Its page may have added the row meanwhile.
    const label = await database.get('runs', run);
    const teacher = !label || label.deletedAt !== null ? await remove(storage, run) : null;
    if (teacher !== null) teachers.push(teacher);
    release();
  }
  await sweepDatasets(storage);
  await sweepTeachers(storage, teachers);
  await sweepKeptTeachers(storage);
}

/**
 * Summed from the rows. The browser's estimate also includes the page itself and space set aside, and can be
 * gigabytes off.
 */
export async function usageOf(
  { database, files }: Storage,
  manager: Pick<StorageManager, 'estimate' | 'persisted'> = navigator.storage,
): Promise<Usage> {
  const [progress, datasets, teachers, kept, sorted, drafts, { quota = 0 }, persistent] = await Promise.all([
    database.getAll('progress'),
    database.getAll('datasets'),
    database.getAll('teachers'),
    database.getAll('keptTeachers'),
    files.bytes('collection'),
    files.bytes('drafts'),
    manager.estimate(),
    manager.persisted(),
  ]);
  const runs = progress.map((run) => bytesOf(soundProgress(run)));
  const own = [...datasets, ...teachers, ...kept].map(({ bytes }) => (bytes > 0 ? bytes : 0));
  const bytes = [...runs, ...own].reduce((sum, size) => sum + size, sorted + drafts);
  return { bytes, quota, persistent };
}

/** @returns the teacher that only this run may have needed */
async function remove({ database, files, tell }: Storage, run: RunId): Promise<string | null> {
  const change = database.transaction(['runs', 'progress', 'log'], 'readwrite');
  const label = await change.objectStore('runs').get(run);
  await change.objectStore('runs').delete(run);
  await change.objectStore('progress').delete(run);
  await change.objectStore('log').delete(IDBKeyRange.bound([run, 0], [run, Infinity]));
  await change.done;
  await files.remove(`runs/${run}`);
  tell({ type: 'shelf' });
  return label ? teacherOf(soundLabel(label).recipe) : null;
}
