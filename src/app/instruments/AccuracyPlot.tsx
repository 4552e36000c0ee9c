import { memo, useMemo } from 'react';
import type { Phase } from '../../training/events';
import { count } from '../format';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { useLibrary, useSession, useView } from '../store/hooks';
import { accuracyView, type Compared } from './accuracy-view';
import { accuracyFrame } from './frames';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';
import { useMarks } from './use-marks';

export const AccuracyPlot = memo(function AccuracyPlot({
  history,
  phase,
}: {
  history: RunRecord;
  phase: Phase;
}) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const marks = useMarks(history, phase);
  const showTrain = useView((state) => state.showTrain);
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
  const { records } = useSession().services;
  const compared = useView((state) => state.compared);
  const run = useLibrary((state) => state.runs.find(({ id }) => id === compared && id !== history.id));
  return useMemo(() => {
    const other = run && records.get(run.id);
    return other ? { number: run.number, history: other } : null;
  }, [run, records]);
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
