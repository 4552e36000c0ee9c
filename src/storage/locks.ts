/**
 * One writer per run over all tabs of the page. The browser releases a lock when its worker ends, for whatever
 * reason.
 */
import type { RunId } from './schema';

/** The part of the browser's lock manager that is used. */
export type Locks = Pick<LockManager, 'request' | 'query'>;

const prefix = 'retort/run/';

/** Takes a run's lock. @returns a function that releases it, or null when another tab has it */
export function holdRun(locks: Locks, run: RunId): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    locks
      .request(prefix + run, { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(null);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}

/** Takes a shared lock when the browser grants it. @returns a function that releases it */
export function hold(locks: Locks, name: string): () => void {
  let release: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (release = resolve));
  // The browser releases it with the page; a denied request has nothing to release.
  locks.request(name, { mode: 'shared' }, () => over).catch(() => undefined);
  return release;
}

/** Runs that are being carried out now, in any tab. */
export async function heldRuns(locks: Locks): Promise<Set<RunId>> {
  const { held = [] } = await locks.query();
  return new Set(
    held.flatMap(({ name, mode }) =>
      mode === 'exclusive' && name?.startsWith(prefix) ? [name.slice(prefix.length)] : [],
    ),
  );
}

/** Waits until the lock of a run is free: the run has ended, or its tab is closed. */
export async function untilFree(locks: Locks, run: RunId): Promise<void> {
  await locks.request(prefix + run, { mode: 'shared' }, () => undefined);
}

/** Waits until no tab carries out a run. @param onWait called when it must wait */
export async function untilNoRun(locks: Locks, onWait: () => void = () => undefined): Promise<void> {
  for (let held = await heldRuns(locks); held.size > 0; held = await heldRuns(locks)) {
    onWait();
    for (const run of held) await untilFree(locks, run);
  }
}

/**
 * Waits for a lock and takes it.
 * @param signal ends the waiting
 * @returns a function that releases it, or null when the waiting was ended
 */
export function holdWhenFree(locks: Locks, name: string, signal: AbortSignal): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    locks
      .request(name, { signal }, () => new Promise<void>((release) => resolve(release)))
      .catch((error: unknown) => (signal.aborted ? resolve(null) : reject(error as Error)));
  });
}

/** Names of the locks with a prefix that are held in any tab, without the prefix. */
export async function heldNames(locks: Locks, prefix: string): Promise<Set<string>> {
  const { held = [] } = await locks.query();
  return new Set(held.flatMap(({ name }) => (name?.startsWith(prefix) ? [name.slice(prefix.length)] : [])));
}
