/** The user's own teachers, each stored once under the checksum of its files. */
import { digestOf } from './digest';
import { StorageFault } from './faults';
import type { ImportedTeacher, RunLabel, TeacherFile } from './schema';
import { soundLabel } from './stored-rows';
import type { Storage } from './storage';

/** Loaded on demand, because the first paint reads nothing. */
const checks = () => import('./checks');

/** Held while one teacher is written or removed, so that two tabs do not do both. */
const gate = (id: string) => `retort/teachers/${id}`;

const pathOf = (id: string) => `teachers/${id}`;

/** Milliseconds for which a teacher without a run is kept. */
const patience = 7 * 24 * 60 * 60 * 1000;

/** A teacher with its files. */
export interface WholeTeacher {
  about: ImportedTeacher;
  files: readonly TeacherFile[];
}

/** A teacher in memory with its files packed; it is passed between page and workers without a copy. */
export interface HeldTeacher {
  about: ImportedTeacher;
  file: Blob;
}

export async function heldTeacher({ about, files }: WholeTeacher): Promise<HeldTeacher> {
  const { packParts } = await checks();
  return { about, file: new Blob(packParts(files)) };
}

export async function readHeldTeacher({ about, file }: HeldTeacher): Promise<WholeTeacher> {
  const { unpack } = await checks();
  return { about, files: unpack(new Uint8Array(await file.arrayBuffer())) as TeacherFile[] };
}

/** The name of a teacher with these files in recipes. */
export function teacherId(files: readonly TeacherFile[]): Promise<string> {
  return digestOf(files.map(({ bytes }) => new Uint8Array(bytes)));
}

/** The teacher file that a run of this recipe needs; null when it needs none. */
export function teacherOf(recipe: RunLabel['recipe']): string | null {
  // Recipes of older pages and of files may lack fields.
  const { source, file } = (recipe as Partial<typeof recipe>).teacher?.knobs ?? {};
  // A kind of teacher that has no other source has only a file.
  const isMeant = source === 'file' || source === undefined;
  return isMeant && typeof file === 'string' && file !== '' ? file : null;
}

/** Stores a teacher unless it is stored already. @throws DOMException, StorageFault */
export async function storeTeacher(
  { database, files, locks }: Storage,
  about: ImportedTeacher,
  contents: readonly TeacherFile[],
): Promise<void> {
  const { id } = about;
  await locks.request(gate(id), async () => {
    if (await database.get('teachers', id)) return;
    const path = pathOf(id);
    const { packParts } = await checks();
    const parts = packParts(contents);
    await files.write(path, parts);
    const bytes = parts.reduce((sum, { length }) => sum + length, 0);
    await database.put('teachers', { id, about, path, bytes, digest: await digestOf(parts), at: Date.now() });
  });
}

/** Null when there is none of this id. @throws StorageFault `damaged`, DOMException */
export async function loadTeacher(
  { database, files }: Storage,
  id: string,
): Promise<{ about: ImportedTeacher; files: TeacherFile[] } | null> {
  const stored = await database.get('teachers', id);
  const bytes = stored && (await files.read(stored.path).catch(() => null));
  if (!bytes) return null;
  const isWhole = (await digestOf([bytes])) === stored.digest;
  const { soundTeacher, unpack } = await checks();
  const teacher = isWhole ? soundTeacher({ about: stored.about, files: unpack(bytes) }) : null;
  if (!teacher)
    throw new StorageFault('damaged', 'The stored teacher of this recipe is damaged. Choose its file again.');
  return teacher;
}

/**
 * Removes teachers that no run needs. Deleted runs that can be restored keep theirs.
 * @param of teachers to remove at once; others are removed a week after they were imported, because they may be meant
 *   for the next run
 */
export async function sweepTeachers(
  { database, files, locks }: Storage,
  of: readonly string[] = [],
): Promise<void> {
  for (const { id, at } of await database.getAll('teachers')) {
    if (!of.includes(id) && Date.now() - at < patience) continue;
    await locks.request(gate(id), async () => {
      const needed = (await database.getAll('runs')).some((run) => teacherOf(soundLabel(run).recipe) === id);
      if (needed) return;
      await database.delete('teachers', id);
      await files.remove(pathOf(id));
    });
  }
  const known = new Set((await database.getAllKeys('teachers')).map(String));
  for (const name of await files.list('teachers'))
    if (!known.has(name))
      await locks.request(gate(name), async () => {
        // Its writer may have ended meanwhile.
        if (!(await database.getKey('teachers', name))) await files.remove(pathOf(name));
      });
}
