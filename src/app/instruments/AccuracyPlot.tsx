import { memo, useMemo } from 'react';
import type { Phase } from '../../training/events';
import { percent } from '../format';
import type { RunHistory } from '../run/history';
import { useMarks, usePanelVersion } from '../run/use-run';
import { useApp } from '../store/context';
import { accuracyView } from './accuracy-view';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';

const wholePercent = (share: number) => percent(share, 0);

export const AccuracyPlot = memo(function AccuracyPlot({
  history,
  phase,
}: {
  history: RunHistory;
  phase: Phase;
}) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const marks = useMarks(history, phase);
  const showTrain = useApp((state) => state.showTrain);
  const view = useMemo(
    () => ({ version, ...accuracyView(history, phase, showTrain) }),
    [history, phase, showTrain, version],
  );
  const split = history.evaluated;
  const line = split ? `on ${split.images.toLocaleString('en-GB')} ${split.split} images` : undefined;
  return (
    <Panel savable ref={ref} wide title="Accuracy" line={line}>
      <Plot
        {...view}
        title="Accuracy over steps"
        marks={marks}
        format={percent}
        formatTick={wholePercent}
        unit="of images right"
        height={264}
        empty="The first measurement is on its way."
      />
    </Panel>
  );
});
