import { memo, useMemo } from 'react';
import type { Phase } from '../../training/events';
import { count } from '../format';
import type { RunRecord } from '../../record/run-record';
import { useMarks, usePanelVersion } from '../redraw/use-redraw';
import { useApp, useSession } from '../store/context';
import { accuracyView, type Compared } from './accuracy-view';
import { accuracyFrame } from './frames';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';

export const AccuracyPlot = memo(function AccuracyPlot({
  history,
  phase,
}: {
  history: RunRecord;
  phase: Phase;
}) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const marks = useMarks(history, phase);
  const showTrain = useApp((state) => state.showTrain);
  const compared = useCompared(history);
  const view = useMemo(
    () => ({ version, ...accuracyView(history, phase, showTrain, compared) }),
    [history, phase, showTrain, compared, version],
  );
  return (
    <Panel savable ref={ref} wide title="Accuracy" term="accuracy" line={measuredOn(history)}>
      <Plot {...accuracyFrame} {...view} marks={marks} empty="The first measurement is on its way." />
    </Panel>
  );
});

/** The run that was chosen in the list of runs to be compared with this one. */
function useCompared(history: RunRecord): Compared | null {
  const { histories } = useSession().services;
  const run = useApp((state) => state.runs.find(({ id }) => id === state.compared && id !== history.id));
  return useMemo(() => {
    const other = run && histories.get(run.id);
    return other ? { number: run.number, history: other } : null;
  }, [run, histories]);
}

function measuredOn({ evaluated, facts, outcome }: RunRecord): string | undefined {
  if (!evaluated) return undefined;
  const { images, split } = evaluated;
  const all = facts?.test ?? images;
  const final =
    outcome && (split === 'validation' || images < all)
      ? `; the final figures are on all ${count(all)} test images`
      : '';
  return `on ${count(images)} ${split} images${final}`;
}
