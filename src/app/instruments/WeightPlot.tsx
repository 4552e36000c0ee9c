import { weightingAbouts } from '../../distill/weighting/abouts';
import { memo, useMemo } from 'react';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { instanceWords } from '../subject/instance-words';
import { weightFrame } from './frames';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';
import { comparedWeightView, weightParts, weightView } from './weight-view';
import { useCompared } from './use-compared';
import { useMarks } from './use-marks';
import { usePart } from './use-part';

export const WeightPlot = memo(function WeightPlot({ history }: { history: RunRecord }) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const marks = useMarks(history, 'student');
  const latest = history.snapshots.latest;
  const compared = useCompared(history);
  const runs = compared.length > 0 ? [history, ...compared.map((other) => other.history)] : [];
  const { part, choice } = usePart(weightParts(runs), history.hintKeys[0] ?? '');
  const view = useMemo(() => {
    const model = part === null ? weightView(history) : comparedWeightView(history, compared, part);
    return { version, latest, ...model };
  }, [history, compared, part, latest, version]);
  return (
    <Panel
      ref={ref}
      title="Hint weights"
      term="hintWeight"
      tools={choice}
      line={
        part !== null
          ? 'median; middle half and middle 80 % of this run'
          : weightingAbouts[history.recipe.weighting.id].perInstance
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
