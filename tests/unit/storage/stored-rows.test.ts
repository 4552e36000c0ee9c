import { beforeEach, describe, expect, it } from 'vitest';
import { storeDataset } from '../../../src/storage/datasets';
import { packImages } from './pack-images';
import { Journal, snapshotOf } from '../../../src/storage/journal';
import { addRun, listRuns, readProgress, sweep } from '../../../src/storage/library';
import { soundLabel, soundProgress } from '../../../src/storage/stored-rows';
import { bytesOf, type RunLabel, type RunProgress } from '../../../src/storage/schema';
import { tinyImages, tinyRecipe } from '../training/tiny';
import { memoryStorage, type MemoryStorage } from './memory-storage';
import { summaryAfter } from './summary-after';

const runs = ['first', 'second', 'third'] as const;
const spoiled = 'second';
let storage: MemoryStorage;

beforeEach(async () => {
  storage = await memoryStorage();
  for (const [place, id] of runs.entries()) {
    const given = { name: id, note: '', notes: '', recipe: tinyRecipe(), createdAt: place, deletedAt: null };
    await addRun(storage, { id, number: place + 1, ...given });
    let journal!: Journal;
    await storeDataset(storage, await packImages(tinyImages()), async (ref) => {
      journal = await Journal.begin(storage, id, 'cpu', ref);
    });
    await journal.save({
      events: [],
      summary: summaryAfter([]),
      state: snapshotOf({ version: 1 }, 'student', 2),
      best: { safetensors: new Uint8Array(40), step: 2, score: 0.5 },
      keep: true,
    });
  }
});

const nonsense: unknown[] = [
  undefined,
  null,
  7,
  Number.NaN,
  -1,
  'text',
  [null],
  {},
  { steps: 'x' },
  [{}],
  true,
];

async function rowOf<T>(store: 'runs' | 'progress'): Promise<T> {
  return (await storage.database.get(store, spoiled)) as T;
}

describe('rows as they were written', () => {
  it('are read as they are', async () => {
    const [label, progress] = [await rowOf<RunLabel>('runs'), await rowOf<RunProgress>('progress')];
    expect(soundLabel(label)).toStrictEqual(label);
    expect(soundProgress(progress)).toStrictEqual(progress);
  });
});

describe('a row that is not what it should be', () => {
  it('takes no other run with it, whichever of its fields it is', async () => {
    for (const store of ['runs', 'progress'] as const) {
      const whole = await rowOf<Record<string, unknown>>(store);
      const others = (await listRuns(storage)).filter(({ label }) => label.id !== spoiled);
      const key = store === 'runs' ? 'id' : 'run';
      // Any number there says that it was deleted.
      const fields = Object.keys(whole).filter((field) => field !== key && field !== 'deletedAt');
      const rows = fields.flatMap((field) => nonsense.map((value) => ({ ...whole, [field]: value })));
      for (const row of [...rows, { [key]: spoiled }]) {
        await storage.database.put(store, row as never);
        const listed = await listRuns(storage);
        expect(listed.filter(({ label }) => label.id !== spoiled)).toStrictEqual(others);
        const own = listed.find(({ label }) => label.id === spoiled)!;
        expect(own.label.number).toBeGreaterThan(0);
        expect(bytesOf(own.progress!)).toBeGreaterThanOrEqual(0);
        await sweep(storage, 0);
      }
      await storage.database.put(store, whole as never);
    }
    // The others’ images are still there.
    expect(await storage.database.count('datasets')).toBe(1);
  });

  it('keeps what is whole of it', async () => {
    const progress = await rowOf<RunProgress>('progress');
    await storage.database.put('progress', {
      ...progress,
      checkpoints: [{ path: 5 }, ...progress.checkpoints],
      curve: { steps: [10, 20], student: [0.5, 'high'], control: null },
      final: { student: 0.9, control: 2, nobody: 0.1 },
    } as unknown as RunProgress);
    expect(await readProgress(storage, spoiled)).toStrictEqual({
      ...progress,
      curve: { steps: [10, 20], student: [0.5, null], control: [null, null] },
      final: { student: 0.9 },
    });
    const { state } = await Journal.reopen(storage, spoiled);
    expect(state).toStrictEqual({ version: 1 });
  });
});
