/**
 * Experiments as they are stored: the file that says what is compared, and a run for each cell that was begun. The runs
 * themselves are stored as any other. One tab at a time carries an experiment out; it alone writes its row.
 */
import { mostCharacters, shortened } from '../limits/texts';
import { StorageFault } from './faults';
import { purgeRun, relabel } from './library';
import { heldNames, type Locks } from './locks';
import type { RunId, StoredCell, StoredExperiment } from './schema';
import type { Storage } from './storage';

const lockPrefix = 'retort/experiment/';

/** An experiment and whether a tab carries it out now. */
export type ListedExperiment = StoredExperiment & { held: boolean };

/** The newest first. Rows that are damaged are left out. */
export async function listExperiments({ database, locks }: Storage): Promise<ListedExperiment[]> {
  const [rows, held] = [await database.getAll('experiments'), await heldNames(locks, lockPrefix)];
  return rows
    .flatMap((row) => soundExperiment(row) ?? [])
    .map((row) => ({ ...row, held: held.has(row.id) }))
    .toSorted((a, b) => b.createdAt - a.createdAt);
}

/** Null when there is none. */
export async function readExperimentRow({ database }: Storage, id: string): Promise<StoredExperiment | null> {
  const row = await database.get('experiments', id);
  return row ? soundExperiment(row) : null;
}

/** Writes an experiment; other tabs hear of it. */
export async function writeExperiment({ database, tell }: Storage, row: StoredExperiment): Promise<void> {
  await database.put('experiments', row);
  tell({ type: 'experiment', id: row.id });
}

/** Takes the right to carry an experiment out. @returns how to give it up, or null while another tab has it */
export function holdExperiment(locks: Locks, id: string): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    locks
      .request(lockPrefix + id, { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(null);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}

/** Resolves when no tab carries it out. */
export async function untilExperimentIsFree(locks: Locks, id: string): Promise<void> {
  await locks.request(lockPrefix + id, { mode: 'shared' }, () => undefined);
}

/**
 * Removes an experiment. @param withRuns also its runs; else they stay in the list as runs of their own
 * @throws StorageFault `busy` while a tab carries it out
 */
export async function deleteExperiment(storage: Storage, id: string, withRuns: boolean): Promise<void> {
  const release = await holdExperiment(storage.locks, id);
  if (!release) throw new StorageFault('busy', 'The experiment is going on. Stop it first.');
  try {
    const row = await readExperimentRow(storage, id);
    for (const { run } of row?.cells ?? []) {
      if (run === null) continue;
      if (withRuns) await purgeRun(storage, run);
      else await relabel(storage, run, { experiment: null });
    }
    await storage.database.delete('experiments', id);
  } finally {
    release();
  }
  storage.tell({ type: 'experiment', id });
}

/** Null for what is no experiment. Its file is read by `readExperiment`. */
function soundExperiment(input: unknown): StoredExperiment | null {
  const row = recordOf(input);
  const { id, name, cells, createdAt, state } = row;
  if (typeof id !== 'string' || !Array.isArray(cells)) return null;
  return {
    id,
    name: shortened(typeof name === 'string' ? name : '', mostCharacters.name),
    file: row['file'],
    dataset: typeof row['dataset'] === 'string' ? row['dataset'] : null,
    createdAt: typeof createdAt === 'number' ? createdAt : 0,
    state: state === 'running' || state === 'paused' || state === 'ended' ? state : 'stopped',
    cells: cells.flatMap((cell) => soundCell(cell) ?? []),
  };
}

function soundCell(input: unknown): StoredCell | null {
  const { entry, seed, run, result } = recordOf(input);
  if (!Number.isSafeInteger(entry) || !Number.isSafeInteger(seed)) return null;
  return {
    entry: entry as number,
    seed: seed as number,
    run: typeof run === 'string' ? (run as RunId) : null,
    result: typeof result === 'object' ? result : null,
  };
}

function recordOf(input: unknown): Record<string, unknown> {
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
}
