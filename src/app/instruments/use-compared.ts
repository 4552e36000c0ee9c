import { useMemo } from 'react';
import type { RunRecord } from '../../record/run-record';
import { useLibrary, useSession, useView } from '../store/hooks';
import type { Compared } from './score-view';

/** The run that was chosen in the list of runs to be compared with this one. */
export function useCompared(history: RunRecord): Compared | null {
  const { records } = useSession().services;
  const compared = useView((state) => state.compared);
  const run = useLibrary((state) => state.runs.find(({ id }) => id === compared && id !== history.id));
  return useMemo(() => {
    const other = run && records.get(run.id);
    return other ? { number: run.number, history: other } : null;
  }, [run, records]);
}
