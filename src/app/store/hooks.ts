import { createContext, startTransition, useContext, useEffect, useState } from 'react';
import { useStore, type StoreApi } from 'zustand';
import type { RunRecord } from '../../record/run-record';
import type { RunId } from '../../worker/training-protocol';
import type { DataState } from './data/data-store';
import type { LibraryState, RunEntry } from './library/library-store';
import type { RecipeState } from './recipe/recipe-store';
import type { RunsState } from './runs/runs-store';
import type { Session } from './session';
import type { ViewState } from './view/view-store';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('No session around this component');
  return session;
}

export function useView<T>(selector: (state: ViewState) => T): T {
  return useStore(useSession().view, selector);
}

export function useLibrary<T>(selector: (state: LibraryState) => T): T {
  return useStore(useSession().library, selector);
}

export function useRecipe<T>(selector: (state: RecipeState) => T): T {
  return useStore(useSession().recipe, selector);
}

export function useData<T>(selector: (state: DataState) => T): T {
  return useStore(useSession().data, selector);
}

export function useRuns<T>(selector: (state: RunsState) => T): T {
  return useStore(useSession().runs, selector);
}

/**
 * A value that may be drawn a moment late: what takes long to draw is then drawn in pieces, between which the page
 * answers. A store's own hook draws at once and in one piece.
 * @param read must give the same for the same state of the stores, and stays as it was first given
 */
function useLater<T>(read: (session: Session) => T, ...stores: FollowedStore[]): T {
  const session = useSession();
  const [value, setValue] = useState(() => read(session));
  useEffect(
    () => follow(session, stores, () => read(session), setValue),
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [session],
  );
  return value;
}

type FollowedStore = keyof Session & ('library' | 'view');

/** A function of its own, so that what it leaves behind holds no value that was once shown: records are large. */
function follow<T>(
  session: Session,
  stores: readonly FollowedStore[],
  read: () => T,
  show: (next: () => T) => void,
): () => void {
  const look = () => startTransition(() => show(read));
  look();
  const leave = stores.map((name) => (session[name] as StoreApi<unknown>).subscribe(look));
  return () => {
    for (const end of leave) end();
  };
}

/** The run that the instruments show; its record is read after a stored run was chosen. */
export function useViewedRun(): RunRecord | null {
  return useLater(
    ({ view, services }) => services.records.get(view.getState().viewed ?? '') ?? null,
    'view',
    'library',
  );
}

/** All runs that the page knows, the oldest first. */
export function useRunEntries(): readonly RunEntry[] {
  return useLater(({ library }) => library.getState().runs, 'library');
}

/** What the page knows of one run; a component shows the same one for as long as it stands. */
export function useRunEntry(id: RunId): RunEntry | undefined {
  return useLater(({ library }) => library.getState().runs.find((run) => run.id === id), 'library');
}

/**
 * The record of a run until its entry has its end and its curve, then null: what draws entries keeps what it drew before, and
 * would keep the records of all runs. A component asks for the same run for as long as it stands.
 */
export function useOpenRecord(id: RunId): RunRecord | null {
  return useLater(({ library, services }) => {
    const run = library.getState().runs.find((one) => one.id === id);
    return run?.final && run.curve ? null : (services.records.get(id) ?? null);
  }, 'library');
}

/** Whether a run is in progress, for what cannot be changed meanwhile. */
export function useIsTraining(): boolean {
  return useLater(({ library }) => library.getState().active !== null, 'library');
}

/** State of the run that the worker is busy with, or null when it is idle. */
export function useActiveState() {
  return useLibrary((state) => state.runs.find((run) => run.id === state.active)?.state ?? null);
}
