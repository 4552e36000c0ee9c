import { useMemo } from 'react';
import type { RunRecord } from '../../record/run-record';
import { useLibrary, useSession, useView } from '../store/hooks';
import { comparedStyle } from '../theme/run-styles';
import type { Compared } from './overlay';

/** The runs that were chosen in the list of runs to be compared with this one, in the order of their choice. */
export function useCompared(history: RunRecord): readonly Compared[] {
  const { records } = useSession().services;
  const chosen = useView((state) => state.compared);
  const runs = useLibrary((state) => state.runs);
  const loads = useLibrary((state) => state.loads);
  // The entries change with every save of a run; the charts need to know of none of it.
  const numbers = chosen.map((id) => runs.find((run) => run.id === id)?.number ?? 0).join(' ');
  return useMemo(() => {
    const found = chosen.flatMap((id, place) => {
      const other = id === history.id ? undefined : records.get(id);
      const number = Number(numbers.split(' ')[place]);
      return other && number > 0 && loads >= 0 ? [{ number, place, history: other }] : [];
    });
    return found.map((one) => ({ ...one, ...comparedStyle(one.place, found.length === 1) }));
  }, [chosen, numbers, loads, records, history.id]);
}
