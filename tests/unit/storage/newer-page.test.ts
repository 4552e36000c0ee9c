import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { faultOf } from '../../../src/storage/faults';
import { holdRun } from '../../../src/storage/locks';
import { databaseVersion, openDatabase } from '../../../src/storage/database';
import type { Database } from '../../../src/storage/schema';
import { MemoryLocks } from './memory-storage';

let name: string;
let locks: MemoryLocks;
let nth = 0;

beforeEach(() => {
  name = `versions-${++nth}`;
  locks = new MemoryLocks();
});

const opened = (version: number, onWait = vi.fn(), onLost = vi.fn()) => ({
  onWait,
  onLost,
  database: openDatabase(name, { locks, version, onWait, onLost }),
});

/** A run is on in an older tab, whose database is open. */
async function olderTab(): Promise<{
  release: () => void;
  database: Database;
  onLost: ReturnType<typeof vi.fn>;
}> {
  const { database, onLost } = opened(databaseVersion);
  await database;
  return { release: (await holdRun(locks, 'a-run'))!, database: await database, onLost };
}

describe('a page with newer stores', () => {
  test.each([1, 2])('keeps what is in those of version %i', async (version) => {
    const stores = ['runs', 'progress', 'log', 'datasets', ...(version > 1 ? ['teachers'] : [])];
    const former = await openDB(name, version, {
      upgrade: (fresh) =>
        stores.forEach((store) => {
          const keyPath = { runs: 'id', progress: 'run', log: ['run', 'place'], datasets: 'hash' }[store];
          fresh.createObjectStore(store, { keyPath: keyPath ?? 'id' });
        }),
    });
    await former.put('runs', { id: 'a-run' });
    former.close();
    const database = await openDatabase(name, { locks, onLost: vi.fn() });
    expect([...database.objectStoreNames].sort()).toEqual(
      ['datasets', 'experiments', 'keptTeachers', 'log', 'progress', 'runs', 'teachers'].sort(),
    );
    expect(await database.getAllKeys('runs')).toEqual(['a-run']);
  });

  test('waits while another tab has a run going, says so, and goes on by itself', async () => {
    const older = await olderTab();
    const newer = opened(databaseVersion + 1);
    await vi.waitFor(() => expect(newer.onWait).toHaveBeenCalled());
    expect(older.onLost).not.toHaveBeenCalled();
    await older.database.put('teachers', { id: 'a' } as never);
    older.release();
    expect((await newer.database).version).toBe(databaseVersion + 1);
    expect(older.onLost).toHaveBeenCalledTimes(1);
  });

  test('that did not wait is held up by the tab with the run until the run has ended', async () => {
    const older = await olderTab();
    const databases = vi.spyOn(indexedDB, 'databases').mockResolvedValue([]);
    const newer = opened(databaseVersion + 1);
    await vi.waitFor(() => expect(newer.onWait).toHaveBeenCalled());
    databases.mockRestore();
    expect(older.onLost).not.toHaveBeenCalled();
    await older.database.put('teachers', { id: 'a' } as never);
    older.release();
    await newer.database;
    expect(older.onLost).toHaveBeenCalledTimes(1);
  });

  test('does not wait when no run is going; the older one is told to reload', async () => {
    const older = await olderTab();
    older.release();
    const newer = opened(databaseVersion + 1);
    await newer.database;
    expect(newer.onWait).not.toHaveBeenCalled();
    const again = await opened(databaseVersion).database.catch((error: unknown) => faultOf(error));
    expect(again).toMatchObject({ kind: 'newer' });
  });
});
