import { useMemo } from 'react';
import type { Phase } from '../../training/events';
import type { RunRecord } from '../../record/run-record';
import { useRunValue } from '../redraw/use-redraw';
import { marksIn, type ChartMark } from './chart-marks';

/** The marks of one phase; the same list until there is another mark. */
export function useMarks(history: RunRecord, phase: Phase): ChartMark[] {
  const knobs = useRunValue(() => history.marks.length);
  const backends = useRunValue(() => history.moves.length);
  return useMemo(
    () => marksIn({ marks: history.marks.slice(0, knobs), moves: history.moves.slice(0, backends) }, phase),
    [history, phase, knobs, backends],
  );
}
