import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { faultOf } from '../../../src/storage/faults';
import { holdRun } from '../../../src/storage/locks';
import { openDatabase, type Database } from '../../../src/storage/schema';
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
  const { database, onLost } = opened(2);
  await database;
  return { release: (await holdRun(locks, 'a-run'))!, database: await database, onLost };
}

describe('a page with newer stores', () => {
  test('waits while another tab has a run going, says so, and goes on by itself', async () => {
    const older = await olderTab();
    const newer = opened(3);
    await vi.waitFor(() => expect(newer.onWait).toHaveBeenCalled());
    expect(older.onLost).not.toHaveBeenCalled();
    await older.database.put('teachers', { id: 'a' } as never);
    older.release();
    expect((await newer.database).version).toBe(3);
    expect(older.onLost).toHaveBeenCalledTimes(1);
  });

  test('that did not wait is held up by the tab with the run until the run has ended', async () => {
    const older = await olderTab();
    const databases = vi.spyOn(indexedDB, 'databases').mockResolvedValue([]);
    const newer = opened(3);
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
    const newer = opened(3);
    await newer.database;
    expect(newer.onWait).not.toHaveBeenCalled();
    const again = await opened(2).database.catch((error: unknown) => faultOf(error));
    expect(again).toMatchObject({ kind: 'newer' });
  });
});
