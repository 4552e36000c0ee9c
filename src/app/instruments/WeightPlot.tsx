import { weightingAbouts } from '../../distill/weighting/abouts';
import { memo, useMemo } from 'react';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { instanceWords } from '../subject/instance-words';
import { weightFrame } from './frames';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';
import { weightView } from './weight-view';
import { useMarks } from './use-marks';

export const WeightPlot = memo(function WeightPlot({ history }: { history: RunRecord }) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const marks = useMarks(history, 'student');
  const latest = history.snapshots.latest;
  const view = useMemo(() => ({ version, latest, ...weightView(history) }), [history, latest, version]);
  return (
    <Panel
      ref={ref}
      title="Hint weights"
      term="hintWeight"
      line={
        weightingAbouts[history.recipe.weighting.id].perInstance
          ? 'median, middle half and middle 80 %'
          : `the same for every ${instanceWords(history.facts).one}`
      }
    >
      <Plot
        {...weightFrame}
        {...view}
        marks={marks}
        empty={
          history.hintKeys.length === 0
            ? 'This recipe has no distillation loss, so there are no weights. Add a loss under “Distillation losses”.'
            : 'Weights appear with the first evaluation.'
        }
      />
    </Panel>
  );
});
