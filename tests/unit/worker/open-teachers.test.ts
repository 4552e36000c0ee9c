import { beforeEach, expect, test } from 'vitest';
import { teacherId, type WholeTeacher } from '../../../src/storage/stored-teachers';
import { OpenTeachers } from '../../../src/worker/open-teachers';
import { aboutTeacher } from '../storage/imported-teacher';
import { memoryStorage, type MemoryStorage } from '../storage/memory-storage';

let storage: MemoryStorage;
let teacher: WholeTeacher;
let id: string;

beforeEach(async () => {
  storage = await memoryStorage();
  const files = [{ path: 'teacher.safetensors', bytes: Uint8Array.from({ length: 99 }, (_, i) => i) }];
  id = await teacherId(files);
  teacher = { about: aboutTeacher(id), files };
});

const denied = () => Promise.reject(new DOMException('no', 'SecurityError'));

test('a teacher is written once where teachers are stored, and other workers find it by its checksum', async () => {
  const teachers = new OpenTeachers(async () => storage);
  expect(await teachers.take(teacher)).toBeNull();
  expect(await teachers.take(teacher)).toBeNull();
  expect(await storage.files.list('teachers')).toEqual([id]);
  const others = new OpenTeachers(async () => storage);
  expect(await others.atHand(id)).toBeNull();
  expect(await others.find(id)).toEqual(teacher);
  expect(await others.find('another')).toBeNull();
});

test('where nothing can be stored it is held in memory, and given to the next worker', async () => {
  const teachers = new OpenTeachers(denied);
  const held = (await teachers.take(teacher))!;
  await teachers.take({ ...teacher, about: { ...teacher.about, id: 'another' } });
  expect(await teachers.find(id)).toEqual(teacher);
  const next = new OpenTeachers(denied);
  next.hold(held);
  expect(await next.find(id)).toEqual(teacher);
  // A run that is kept stores it, once that can be done.
  expect(await next.atHand(id)).toEqual(teacher);
});

test('it outlives a storage that is cleared, as long as it is open', async () => {
  const teachers = new OpenTeachers(async () => storage);
  await teachers.take(teacher);
  await storage.clear();
  expect(await teachers.atHand(id)).toEqual(teacher);
  expect(await new OpenTeachers(async () => storage).find(id)).toBeNull();
});
