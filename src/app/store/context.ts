import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { RunRecord } from '../../record/run-record';
import type { Session } from './session';
import type { AppState } from './state';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('No session around this component');
  return session;
}

export function useApp<T>(selector: (state: AppState) => T): T {
  return useStore(useSession().store, selector);
}

/** The run that the instruments show. */
export function useViewedRun(): RunRecord | null {
  const { services } = useSession();
  const viewed = useApp((state) => state.viewed);
  // A stored run's numbers come after it was chosen.
  useApp((state) => state.loads);
  return viewed === null ? null : (services.histories.get(viewed) ?? null);
}

/** State of the run that the worker is busy with, or null when it is idle. */
export function useActiveState() {
  return useApp((state) => state.runs.find((run) => run.id === state.active)?.state ?? null);
}
