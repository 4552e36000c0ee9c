import { useEffect } from 'react';
import type { Phase } from '../../training/events';
import { timeLeft } from '../../record/time-left';
import { count, duration, percent } from '../format';
import { useRunVersion } from '../redraw/use-redraw';
import { useActiveState, useLibrary, useSession } from '../store/hooks';
import classes from './shell.module.css';

const home = document.title;
const stepLabels: Record<Phase, string> = {
  teacher: 'Teacher, step ',
  generator: 'Generator, step ',
  prelude: 'Initialisation, step ',
  student: 'Step ',
};

/** Step, speed and the time until the whole run has ended, with the line along the lower edge of the bar. */
export function ProgressReadout() {
  useRunVersion();
  const { services } = useSession();
  const active = useLibrary((state) => state.active);
  const state = useActiveState();
  const history = active === null ? undefined : services.records.get(active);
  const title = state === null || !history ? '' : state === 'paused' ? 'Paused' : shareText(history.progress);
  // A long run is watched from another tab.
  useEffect(() => {
    document.title = title ? `${title} · Retort` : home;
  }, [title]);
  if (!history || state === null) return <div className={classes.progress}>Ready</div>;
  if (state === 'preparing')
    return <div className={classes.progress}>{history.phaseText || 'Loading data and networks'}</div>;

  if (history.waiting && state !== 'paused')
    return (
      <div className={classes.progress}>
        {history.waiting.text}
        <Track label="Preparation" phase={history.phase} share={history.waiting.share} />
      </div>
    );
  const { done, total } = history.progress;
  const { speed } = history;
  const left = timeLeft(history);
  return (
    <div className={classes.progress}>
      <span>
        {stepLabels[history.phase]}
        <strong>{count(history.step)}</strong> of {count(history.phaseSteps)}
      </span>
      {history.phases.length > 1 && <span>{shareText(history.progress)} of the run</span>}
      {speed && <span>{speed.stepsPerSecond.toFixed(speed.stepsPerSecond < 10 ? 1 : 0)} steps/s</span>}
      {state === 'paused' ? (
        <span>Paused</span>
      ) : (
        left && (
          <span>
            {left.rough ? 'about ' : ''}
            {duration(left.seconds)} left
          </span>
        )
      )}
      <Track label="Run" phase={history.phase} share={total > 0 ? done / total : 0} steps={{ done, total }} />
    </div>
  );
}

/** The line along the lower edge of the bar. */
function Track({
  label,
  phase,
  share,
  steps,
}: {
  label: string;
  phase: Phase;
  share: number;
  steps?: { done: number; total: number };
}) {
  return (
    <div
      className={classes.track}
      data-phase={phase}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={steps?.total ?? 100}
      aria-valuenow={steps?.done ?? Math.round(100 * share)}
      style={{ transform: `scaleX(${share})` }}
    />
  );
}

function shareText({ done, total }: { done: number; total: number }): string {
  return total > 0 ? percent(done / total, 0) : '';
}
