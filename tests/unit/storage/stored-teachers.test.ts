import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { unzipSync, zipSync } from 'fflate';
import { Journal } from '../../../src/storage/journal';
import { addRun, purgeRun, relabel, sweep } from '../../../src/storage/library';
import { readRunFile, writeRunFile } from '../../../src/storage/run-file';
import type { ImportedTeacher } from '../../../src/storage/schema';
import { loadTeacher, storeTeacher, sweepTeachers, teacherId } from '../../../src/storage/stored-teachers';
import { tinyRecipe } from '../training/tiny';
import { aboutTeacher } from './imported-teacher';
import { memoryStorage, type MemoryStorage } from './memory-storage';

const files = [{ path: 'teacher.safetensors', bytes: Uint8Array.from({ length: 1000 }, (_, i) => i) }];
const week = 7 * 24 * 60 * 60 * 1000;
let storage: MemoryStorage;
let about: ImportedTeacher;

beforeEach(async () => {
  storage = await memoryStorage();
  about = aboutTeacher(await teacherId(files));
  await storeTeacher(storage, about, files);
});
afterEach(() => vi.useRealTimers());

async function runWith(file: string, id = 'first'): Promise<void> {
  const recipe = tinyRecipe({ teacher: { kind: 'single', knobs: { source: 'file', file } } });
  await addRun(storage, {
    id,
    number: 1,
    name: 'Bars',
    note: '',
    notes: '',
    recipe,
    createdAt: 5,
    deletedAt: null,
  });
  await Journal.begin(storage, id, 'cpu', { kind: 'bundled', id: 'digits-8x8' });
}

const isThere = async () => (await loadTeacher(storage, about.id)) !== null;

it('a teacher is kept once, with what was found of it', async () => {
  await storeTeacher(storage, { ...about, name: 'the same again' }, files);
  expect(await storage.files.list('teachers')).toEqual([about.id]);
  expect(await loadTeacher(storage, about.id)).toEqual({ about, files });
  expect(await loadTeacher(storage, 'ab12')).toBeNull();
});

it('a damaged teacher is refused', async () => {
  storage.files.contents.get(`teachers/${about.id}`)![900]! ^= 1;
  await expect(loadTeacher(storage, about.id)).rejects.toThrow('damaged');
});

it('goes with the last run that needs it, and not before that one can no longer be taken back', async () => {
  await runWith(about.id);
  await runWith(about.id, 'second');
  await purgeRun(storage, 'first');
  expect(await isThere()).toBe(true);
  await relabel(storage, 'second', { deletedAt: 100 });
  await sweep(storage, 50);
  expect(await isThere()).toBe(true);
  await sweep(storage, 200);
  expect(await isThere()).toBe(false);
  expect(storage.files.contents.size).toBe(0);
});

it('that no run has needed yet stays for a week, and a run of another teacher does not take it along', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await runWith('ab12');
  await purgeRun(storage, 'first');
  expect(await isThere()).toBe(true);
  vi.setSystemTime(Date.now() + week + 1);
  await sweepTeachers(storage);
  expect(await isThere()).toBe(false);
});

it('half a file of a writer that died is swept', async () => {
  await storage.files.write('teachers/half', [new Uint8Array(3)]);
  await sweepTeachers(storage);
  expect(await storage.files.list('teachers')).toEqual([about.id]);
});

it('leaves with the file of a run and is there where the file is read', async () => {
  await runWith(about.id);
  const file = await writeRunFile(storage, 'first', true);
  const elsewhere = await memoryStorage();
  await readRunFile(elsewhere, file);
  expect(await loadTeacher(elsewhere, about.id)).toEqual({ about, files });
});

it('of a file that calls it something else is refused, and nothing of the file stays', async () => {
  await runWith(about.id);
  await storage.database.put('teachers', {
    ...(await storage.database.get('teachers', about.id))!,
    about: { ...about, id: '../runs' },
  });
  const file = await writeRunFile(storage, 'first', true);
  const elsewhere = await memoryStorage();
  await expect(readRunFile(elsewhere, file)).rejects.toThrow('damaged');
  expect(elsewhere.files.contents.size).toBe(0);

  const entries = unzipSync(new Uint8Array(await file.arrayBuffer()));
  delete entries['teacher.bin'];
  await expect(readRunFile(elsewhere, new Blob([new Uint8Array(zipSync(entries))]))).rejects.toThrow(
    'damaged',
  );
});
