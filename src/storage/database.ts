/** Opening the database, and what changes its stores; apart from their shapes, which the first paint needs. */
import { openDB } from 'idb';
import { untilNoRun, type Locks } from './locks';
import type { Database, Schema } from './schema';

/** Raised when stores change; `upgrade` converts older databases. */
export const databaseVersion = 3;

export interface OpenOptions {
  /** Called when the browser closes the database: the storage was cleared, or a newer page wants to change it. */
  onLost: () => void;
  /** Called when another tab has a run under way that a change of the stores would interrupt. */
  onWait?: () => void;
  locks: Locks;
  /** For tests. */
  version?: number;
}

/**
 * Opens the database. A change of the stores waits for the runs of all tabs, because it closes the database in every
 * tab.
 * @throws DOMException where the browser has none or denies it
 */
export async function openDatabase(
  name: string,
  { onLost, onWait = () => undefined, locks, version = databaseVersion }: OpenOptions,
): Promise<Database> {
  const known = await storedVersion(name);
  if (known > 0 && known < version) await untilNoRun(locks, onWait);
  const database: Database = await openDB<Schema>(name, version, {
    blocked: onWait,
    upgrade(fresh, from) {
      if (from < 1) {
        fresh.createObjectStore('runs', { keyPath: 'id' });
        fresh.createObjectStore('progress', { keyPath: 'run' });
        fresh.createObjectStore('log', { keyPath: ['run', 'place'] });
        fresh.createObjectStore('datasets', { keyPath: 'hash' });
      }
      if (from < 2) fresh.createObjectStore('teachers', { keyPath: 'id' });
      if (from < 3) {
        fresh.createObjectStore('keptTeachers', { keyPath: 'id' });
        fresh.createObjectStore('experiments', { keyPath: 'id' });
      }
    },
    terminated: onLost,
    blocking() {
      void untilNoRun(locks).then(() => {
        database.close();
        onLost();
      });
    },
  });
  return database;
}

/** 0 when there is none, or the browser does not tell. */
async function storedVersion(name: string): Promise<number> {
  const all = (await indexedDB.databases?.().catch(() => null)) ?? [];
  return all.find((known) => known.name === name)?.version ?? 0;
}
