import { memo, useMemo } from 'react';
import type { Phase } from '../../training/events';
import { count, percent } from '../format';
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
  return (
    <Panel savable ref={ref} wide title="Accuracy" line={measuredOn(history)}>
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

function measuredOn({ evaluated, facts, outcome }: RunHistory): string | undefined {
  if (!evaluated) return undefined;
  const { images, split } = evaluated;
  const all = facts?.test ?? images;
  const final =
    outcome && (split === 'validation' || images < all)
      ? `; the final figures are on all ${count(all)} test images`
      : '';
  return `on ${count(images)} ${split} images${final}`;
}
