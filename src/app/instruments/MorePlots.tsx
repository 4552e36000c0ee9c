import { memo, useMemo } from 'react';
import type { Phase } from '../../training/events';
import { figure } from '../format';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { useView } from '../store/hooks';
import classes from './instruments.module.css';
import { comparedView, probeGroups, probeView } from './loss-view';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';
import { useCompared } from './use-compared';
import { useMarks } from './use-marks';
import { usePart } from './use-part';

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
  const compared = useCompared(history);
  const names = keys.split('\n');
  const probes = names.map((value) => ({ value, label: value.split('/').slice(1).join('/') }));
  const { part, choice } = usePart(compared.length > 0 ? probes : [], names[0]!);
  const view = useMemo(() => {
    const options = { phase, weighted: false, smoothing, logarithmic };
    const model =
      part === null
        ? probeView(history, keys.split('\n'), options)
        : comparedView(history, compared, part, options);
    return { version, ...model };
  }, [history, compared, part, phase, keys, smoothing, logarithmic, version]);
  return (
    <Panel
      ref={ref}
      title={group}
      tools={choice}
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
