/**
 * Teachers that were trained here, each stored once under the digest of its key, for whatever run wants the same one.
 * They can always be trained again, so the least recently used ones make room when the storage is short.
 */
import { digestOf } from './digest';
import { faultOf, StorageFault } from './faults';
import type { Files, Part } from './file-system';
import { hold, holdWhenFree, heldNames, type Locks } from './locks';
import type { KeptTeacherRow } from './schema';
import type { Storage } from './storage';

/** Loaded on demand, because the first paint reads nothing. */
const checks = () => import('./checks');

/** Held by the run that trains a teacher, so that others wait for it. */
const gate = (id: string) => `retort/kept-teacher/${id}`;
/** Held, shared, by runs that have taken a teacher up and may still read it. */
const inUse = 'retort/kept-teacher-in-use/';

const pathOf = (id: string) => `kept-teachers/${id}`;

/** What is said of a kept teacher. */
export type KeptTeacherAbout = Pick<KeptTeacherRow, 'name' | 'recipe' | 'dataset' | 'seed' | 'backend'>;

/** The digest that names a teacher with this key. */
export function keptTeacherId(key: string): Promise<string> {
  return digestOf([new TextEncoder().encode(key)]);
}

/**
 * Waits until no other run trains this teacher. @param signal ends the waiting
 * @returns how to give up the right to train it and the use of it; null when the waiting was ended
 */
export async function claimKeptTeacher(
  { locks }: Pick<Storage, 'locks'>,
  id: string,
  signal: AbortSignal,
): Promise<{ letOthers: () => void; release: () => void } | null> {
  const letOthers = await holdWhenFree(locks, gate(id), signal);
  if (!letOthers) return null;
  const release = hold(locks, inUse + id);
  return { letOthers, release };
}

/** Its contents, and counts the use; null when there is none. One that is damaged is removed. @throws DOMException */
export async function readKeptTeacher({ database, files }: Storage, id: string): Promise<unknown> {
  const row = await database.get('keptTeachers', id);
  if (!row) return null;
  const bytes = await files.read(row.path).catch(() => null);
  if (!bytes || (await digestOf([bytes])) !== row.digest) {
    await database.delete('keptTeachers', id);
    await files.remove(row.path);
    return null;
  }
  await database.put('keptTeachers', { ...row, uses: row.uses + 1, usedAt: Date.now() });
  return (await checks()).unpack(bytes);
}

/** Stores a trained teacher; others make room for it. @throws DOMException, StorageFault */
export async function storeKeptTeacher(
  storage: Storage,
  id: string,
  about: KeptTeacherAbout,
  contents: unknown,
): Promise<void> {
  const { database, files } = storage;
  const { packParts } = await checks();
  const parts = packParts(contents);
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  const path = pathOf(id);
  const digest = await digestOf(parts);
  await makingRoom(storage, bytes, async () => {
    try {
      await files.write(path, parts);
      const now = Date.now();
      await database.put('keptTeachers', {
        ...about,
        id,
        path,
        bytes,
        digest,
        at: now,
        usedAt: now,
        uses: 0,
      });
    } catch (error) {
      await files.remove(path).catch(() => undefined);
      throw error;
    }
  });
}

/**
 * Writes something. While the storage is full, kept teachers make room for it, as long as there are any that no run uses.
 * @param bytes to free at a time
 * @param write can be tried again after it has failed
 * @throws as `write`
 */
export async function makingRoom<T>(storage: Storage, bytes: number, write: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await write();
    } catch (error) {
      if (faultOf(error).kind !== 'full') throw error;
      const dropped = await freeKeptTeachers(storage, bytes);
      if (dropped.length === 0) throw error;
      storage.tell({
        type: 'dropped',
        teachers: dropped.map(({ name, seed, bytes: size }) => ({ name, seed, bytes: size })),
      });
    }
}

/** The files of a storage, where whatever is written makes room like that. */
export function roomyFiles(storage: Storage): Files {
  const { files } = storage;
  const sizeOf = (parts: readonly Part[]) =>
    parts.reduce((sum, part) => sum + (part instanceof Blob ? part.size : part.length), 1);
  return {
    write: (path, parts) => makingRoom(storage, sizeOf(parts), () => files.write(path, parts)),
    read: (path) => files.read(path),
    blob: (path) => files.blob(path),
    remove: (path) => files.remove(path),
    list: (folder) => files.list(folder),
    bytes: (folder) => files.bytes(folder),
  };
}

/** Kept teachers, the one used last first, with whether a run is using it. */
export async function listKeptTeachers({
  database,
  locks,
}: Storage): Promise<(KeptTeacherRow & { busy: boolean })[]> {
  const [rows, busy] = [await database.getAll('keptTeachers'), await busyTeachers(locks)];
  return rows.toSorted((a, b) => b.usedAt - a.usedAt).map((row) => ({ ...row, busy: busy.has(row.id) }));
}

/** @throws StorageFault `busy` while a run uses it */
export async function deleteKeptTeacher(storage: Storage, id: string): Promise<void> {
  if (!(await removeUnused(storage, id)))
    throw new StorageFault('busy', 'A run is using this teacher. Delete it once the run has ended.');
}

/**
 * Removes kept teachers that no run uses, the least recently used ones first, until so many bytes are free.
 * @returns those that were removed
 */
export async function freeKeptTeachers(storage: Storage, bytes: number): Promise<KeptTeacherRow[]> {
  const removed: KeptTeacherRow[] = [];
  const rows = (await storage.database.getAll('keptTeachers')).toSorted((a, b) => a.usedAt - b.usedAt);
  for (const row of rows) {
    if (removed.reduce((sum, one) => sum + one.bytes, 0) >= bytes) break;
    if (await removeUnused(storage, row.id)) removed.push(row);
  }
  return removed;
}

/** Removes files without a row: their writing was interrupted. */
export async function sweepKeptTeachers({ database, files, locks }: Storage): Promise<void> {
  const known = new Set(await database.getAllKeys('keptTeachers'));
  const busy = await busyTeachers(locks);
  for (const id of await files.list('kept-teachers'))
    if (!known.has(id) && !busy.has(id)) await files.remove(pathOf(id));
}

const busyTeachers = (locks: Locks) => heldNames(locks, inUse);

async function removeUnused({ database, files, locks }: Storage, id: string): Promise<boolean> {
  // Who holds the gate is the only one that can begin to use it.
  return locks.request(gate(id), { ifAvailable: true }, async (lock) => {
    if (!lock || (await busyTeachers(locks)).has(id)) return false;
    await database.delete('keptTeachers', id);
    await files.remove(pathOf(id));
    return true;
  });
}
