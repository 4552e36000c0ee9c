import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { RunRecord } from '../../record/run-record';
import type { DataState } from './data/data-store';
import type { LibraryState } from './library/library-store';
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

/** The run that the instruments show. */
export function useViewedRun(): RunRecord | null {
  const { services } = useSession();
  const viewed = useView((state) => state.viewed);
  // The record of a stored run is read after the run was chosen.
  useLibrary((state) => state.loads);
  return viewed === null ? null : (services.records.get(viewed) ?? null);
}

/** State of the run that the worker is busy with, or null when it is idle. */
export function useActiveState() {
  return useLibrary((state) => state.runs.find((run) => run.id === state.active)?.state ?? null);
}
