/** What a tab shows again after a reload: the runs that are compared, with the run that they were laid over. */
import type { RunId } from '../worker/training-protocol';
import type { Session } from './store/session';

const key = 'retort/shown';

interface Shown {
  viewed: RunId | null;
  compared: readonly RunId[];
}

/** Notes what is shown as it changes, in the storage of this tab; where the browser denies it, nothing is remembered. */
export function rememberShown({ view }: Session): void {
  view.subscribe(({ viewed, compared }, before) => {
    if (viewed === before.viewed && compared === before.compared) return;
    try {
      sessionStorage.setItem(key, JSON.stringify({ viewed, compared } satisfies Shown));
    } catch {
      // Denied or full.
    }
  });
}

/** What was shown before the reload. */
export function readShown(): Shown {
  try {
    const { viewed, compared } = JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<Shown>;
    const isRun = (id: unknown): id is RunId => typeof id === 'string';
    return {
      viewed: isRun(viewed) ? viewed : null,
      compared: Array.isArray(compared) ? compared.filter(isRun) : [],
    };
  } catch {
    return { viewed: null, compared: [] };
  }
}

/** Shows it again, as far as the runs are still stored and nothing else has been chosen. Call once they are listed. */
export async function showAgain({ view, library }: Session, { viewed, compared }: Shown): Promise<void> {
  const known = (id: RunId) => library.getState().runs.some((run) => run.id === id);
  const there = compared.filter(known);
  if (there.length === 0) return;
  await Promise.all(there.map((id) => library.getState().loadRecord(id)));
  if (view.getState().compared.length === 0) view.getState().set({ compared: there });
  if (viewed !== null && known(viewed) && view.getState().viewed === null) library.getState().viewRun(viewed);
}
