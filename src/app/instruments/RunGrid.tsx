import { useMemo, type ReactNode } from 'react';
import type { RunRecord } from '../../record/run-record';
import { differencesAmong } from '../recipe/differences';
import { useLibrary } from '../store/hooks';
import classes from './run-grid.module.css';
import { useCompared } from './use-compared';

/** A run of several that one instrument shows beside each other. */
export interface ShownRun {
  number: number;
  history: RunRecord;
  /** What sets it apart from the others: "Temperature 4"; "" where nothing does. */
  apart: string;
}

/** Differences that are written out. */
const mostWritten = 3;

/** The run in view, and after it those that it is compared with. */
export function useShownRuns(history: RunRecord): readonly ShownRun[] {
  const compared = useCompared(history);
  const number = useLibrary(({ runs }) => runs.find(({ id }) => id === history.id)?.number ?? 0);
  return useMemo(() => {
    const runs = [{ number, history }, ...compared];
    const differing = differencesAmong(runs.map((run) => run.history.recipe));
    return runs.map((run, place) => {
      const own = differing.flatMap(({ label, values }) =>
        values[place] === null ? [] : [`${label} ${values[place]!}`],
      );
      const rest = own.length - mostWritten;
      const written = own.slice(0, mostWritten).join(', ');
      return {
        number: run.number,
        history: run.history,
        apart: rest > 0 ? `${written} and ${rest} more` : written,
      };
    });
  }, [number, history, compared]);
}

/** "run 3 alone": for what is drawn of the run in view, also where it is compared with others; else nothing. */
export function useAlone(history: RunRecord): string | null {
  const runs = useShownRuns(history);
  return runs.length > 1 ? `run ${runs[0]!.number} alone` : null;
}

/**
 * One figure for each run, beside each other, each with what sets its run apart; one alone as it is. Who draws them gives
 * all of them the same scales.
 */
export function RunGrid({
  runs,
  wide = false,
  children,
}: {
  runs: readonly ShownRun[];
  /** Each needs the whole width. */
  wide?: boolean;
  children: (run: ShownRun, place: number) => ReactNode;
}) {
  if (runs.length === 1) return children(runs[0]!, 0);
  return (
    <div className={classes.grid} data-wide={wide || undefined}>
      {runs.map((run, place) => (
        <div key={run.history.id} role="group" aria-label={`Run ${run.number}`}>
          <p className={classes.name}>
            <b>
              Run {run.number}
              {place === 0 && <span data-figure="none">, shown</span>}
            </b>{' '}
            {run.apart}
          </p>
          {children(run, place)}
        </div>
      ))}
    </div>
  );
}
