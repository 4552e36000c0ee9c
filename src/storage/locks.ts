/** One writer per run in all tabs of the page. The browser gives a lock back when its worker dies, however it dies. */
import type { RunId } from './schema';

/** What is used of the browser's lock manager. */
export type Locks = Pick<LockManager, 'request' | 'query'>;

const prefix = 'retort/run/';

/** Takes a run's lock. @returns how to give it back, or null when another tab has it */
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

/** Holds a lock together with others, from when the browser grants it. @returns how to give it back */
export function hold(locks: Locks, name: string): () => void {
  let release: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (release = resolve));
  // It goes with the page; one that is denied holds nothing.
  locks.request(name, { mode: 'shared' }, () => over).catch(() => undefined);
  return release;
}

/** Runs that are being carried out now, in whatever tab. */
export async function heldRuns(locks: Locks): Promise<Set<RunId>> {
  const { held = [] } = await locks.query();
  return new Set(
    held.flatMap(({ name, mode }) =>
      mode === 'exclusive' && name?.startsWith(prefix) ? [name.slice(prefix.length)] : [],
    ),
  );
}

/** Waits until nobody holds the lock of a run: it has ended, or its tab is gone. */
export async function untilFree(locks: Locks, run: RunId): Promise<void> {
  await locks.request(prefix + run, { mode: 'shared' }, () => undefined);
}

/** Waits until no run is carried out in any tab. @param onWait called when there is one to wait for */
export async function untilNoRun(locks: Locks, onWait: () => void = () => undefined): Promise<void> {
  for (let held = await heldRuns(locks); held.size > 0; held = await heldRuns(locks)) {
    onWait();
    for (const run of held) await untilFree(locks, run);
  }
}
