import { expect, it, vi } from 'vitest';
import { defaultRecipe } from '../../../src/distill/recipe';
import { RunRecord } from '../../../src/record/run-record';
import { summaryOf } from '../../../src/record/summary';
import { Journal } from '../../../src/storage/journal';
import {
  claimKeptTeacher,
  deleteKeptTeacher,
  freeKeptTeachers,
  listKeptTeachers,
  readKeptTeacher,
  roomyFiles,
  storeKeptTeacher,
} from '../../../src/storage/kept-teachers';
import { appendEvents, readEvents, readProgress } from '../../../src/storage/library';
import { keepDataset, keptDatasets } from '../../../src/storage/datasets';
import { packSet } from '../../../src/storage/set-handle';
import type { News } from '../../../src/storage/storage';
import { datasetOfImages } from '../../../src/data/labelled-images';
import { tinyImages } from '../training/tiny';
import { memoryStorage } from './memory-storage';

const about = { name: 'One teacher', recipe: 'R', dataset: 'digits-8x8', seed: 1, backend: 'wasm' };
const weights = { weights: new Float32Array([1, 2, 3]) };

it('drops the least recently used teachers first when the storage is short, and none in use', async () => {
  const storage = await memoryStorage();
  for (const id of ['a', 'b', 'c', 'd']) await storeKeptTeacher(storage, id, about, weights);
  const rows = await storage.database.getAll('keptTeachers');
  for (const [place, row] of rows.entries())
    await storage.database.put('keptTeachers', { ...row, usedAt: place });
  // The oldest is in use, the second oldest was used just now.
  const claim = (await claimKeptTeacher(storage, 'a', new AbortController().signal))!;
  claim.letOthers();
  expect(await readKeptTeacher(storage, 'b')).toEqual(weights);
  await expect(deleteKeptTeacher(storage, 'a')).rejects.toThrow(/using this teacher/);
  let failures = 1;
  storage.files.beforeWrite = () => {
    if (failures-- > 0) throw new DOMException('', 'QuotaExceededError');
  };
  await storeKeptTeacher(storage, 'e', about, weights);
  expect((await listKeptTeachers(storage)).map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'd', 'e']);
  expect((await freeKeptTeachers(storage, Infinity)).map(({ id }) => id)).toEqual(['d', 'b', 'e']);
  expect((await listKeptTeachers(storage)).map(({ id, busy }) => [id, busy])).toEqual([['a', true]]);
  claim.release();
  await vi.waitFor(() => deleteKeptTeacher(storage, 'a'));
  expect(await storage.files.list('kept-teachers')).toEqual([]);
});

it('forgets a teacher whose file is damaged', async () => {
  const storage = await memoryStorage();
  await storeKeptTeacher(storage, 'a', about, weights);
  const [path] = storage.files.contents.keys();
  storage.files.contents.get(path!)![40]! ^= 1;
  expect(await readKeptTeacher(storage, 'a')).toBeNull();
  expect(await listKeptTeachers(storage)).toEqual([]);
});

it('makes room for a run’s own save, but not with a teacher in use', async () => {
  const storage = await memoryStorage();
  for (const id of ['a', 'b']) await storeKeptTeacher(storage, id, about, weights);
  const claim = (await claimKeptTeacher(storage, 'a', new AbortController().signal))!;
  claim.letOthers();
  const journal = await Journal.begin(storage, 'run', 'wasm', { kind: 'bundled', id: 'digits-8x8' });
  const state = { bytes: new Uint8Array(40), phase: 'student' as const, step: 5 };
  const save = () =>
    journal.save({
      events: [],
      summary: summaryOf(new RunRecord('run', defaultRecipe())),
      state,
      best: null,
      keep: false,
    });
  let failures = 1;
  storage.files.beforeWrite = () => {
    if (failures-- > 0) throw new DOMException('', 'QuotaExceededError');
  };
  await save();
  expect((await listKeptTeachers(storage)).map(({ id }) => id)).toEqual(['a']);
  expect((await storage.files.list('runs/run')).length).toBe(1);
  failures = 1;
  await expect(save()).rejects.toThrow(DOMException);
  expect((await listKeptTeachers(storage)).map(({ id }) => id)).toEqual(['a']);
  claim.release();
});

it('makes room for whatever is written, and says which teachers went', async () => {
  const storage = await memoryStorage();
  for (const id of ['a', 'b']) await storeKeptTeacher(storage, id, about, weights);
  const told: News[] = [];
  let failures = 1;
  storage.files.beforeWrite = () => {
    if (failures-- > 0) throw new DOMException('', 'QuotaExceededError');
  };
  const roomy = { ...storage, files: roomyFiles({ ...storage, tell: (news) => told.push(news) }) };
  const packed = await packSet(datasetOfImages(tinyImages()));
  await keepDataset(roomy, packed);
  expect((await keptDatasets(storage)).map(({ hash }) => hash)).toEqual([packed.hash]);
  const left = await listKeptTeachers(storage);
  expect(left.length).toBeLessThan(2);
  const [news] = told;
  expect(news?.type === 'dropped' ? news.teachers.map(({ name }) => name) : []).toHaveLength(2 - left.length);
});

it('adds what is measured later to the log of a run that has ended', async () => {
  const storage = await memoryStorage();
  const journal = await Journal.begin(storage, 'run', 'wasm', { kind: 'bundled', id: 'digits-8x8' });
  const started = { type: 'warning' as const, step: 0, text: 'One.' };
  const measured = { ...started, text: 'Two.' };
  const summary = summaryOf(new RunRecord('run', defaultRecipe()));
  // Before its end the log belongs to the worker.
  await appendEvents(storage, 'run', [measured]);
  await journal.end({ state: 'finished', events: [started], summary, final: null, weights: {}, best: null });
  await appendEvents(storage, 'run', [measured]);
  expect(await readEvents(storage, 'run')).toEqual({ events: [started, measured], next: 2 });
  expect((await readProgress(storage, 'run'))?.chunks).toBe(2);
});
