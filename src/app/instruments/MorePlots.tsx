import { memo, useMemo } from 'react';
import type { Phase } from '../../training/events';
import { figure } from '../format';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { useView } from '../store/hooks';
import classes from './instruments.module.css';
import { probeGroups, probeView } from './loss-view';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';
import { useMarks } from './use-marks';

/** Probes that a method reports and no other plot knows: they get a plot each, without a line of code for them. */
export const MorePlots = memo(function MorePlots({ history }: { history: RunRecord }) {
  const [, ref] = usePanelVersion<HTMLDivElement>();
  const groups = probeGroups(history);
  return (
    <div ref={ref} className={classes.wide}>
      {groups.length > 0 && (
        <details>
          <summary>More measurements of this method: {groups.map(({ group }) => group).join(', ')}</summary>
          {groups.map(({ phase, group, keys }) => (
            <ProbePlot
              key={`${phase} ${group}`}
              history={history}
              phase={phase}
              group={group}
              keys={keys.join('\n')}
            />
          ))}
        </details>
      )}
    </div>
  );
});

interface ProbeProps {
  history: RunRecord;
  phase: Phase;
  group: string;
  /** One a line: a text stays the same from draw to draw, a list does not. */
  keys: string;
}

function ProbePlot({ history, phase, group, keys }: ProbeProps) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const marks = useMarks(history, phase);
  const smoothing = useView((state) => state.smoothing);
  const logarithmic = useView((state) => state.logLoss);
  const view = useMemo(
    () => ({
      version,
      ...probeView(history, keys.split('\n'), { phase, weighted: false, smoothing, logarithmic }),
    }),
    [history, phase, keys, smoothing, logarithmic, version],
  );
  return (
    <Panel
      ref={ref}
      title={group}
      {...(phase === 'student'
        ? {}
        : { line: phase === 'teacher' ? 'while the teacher is trained' : 'in the initialisation stage' })}
    >
      <Plot
        {...view}
        title={`${group} over steps`}
        marks={marks}
        format={figure}
        unit={group}
        height={200}
        empty="No measurement yet."
      />
    </Panel>
  );
}
