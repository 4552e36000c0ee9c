import { SegmentedControl } from '@mantine/core';
import { memo, useMemo, useState } from 'react';
import type { Phase } from '../../training/events';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { useView } from '../store/hooks';
import { lossFrame } from './frames';
import { comparedView, lossParts, lossView } from './loss-view';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';
import { useCompared } from './use-compared';
import { useMarks } from './use-marks';
import { usePart } from './use-part';

export const LossPlot = memo(function LossPlot({ history, phase }: { history: RunRecord; phase: Phase }) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const marks = useMarks(history, phase);
  const smoothing = useView((state) => state.smoothing);
  const logarithmic = useView((state) => state.logLoss);
  const [weighted, setWeighted] = useState(false);
  const compared = useCompared(history);
  const isWeighted = weighted && phase === 'student';
  const runs = compared.length > 0 ? [history, ...compared.map((other) => other.history)] : [];
  const own = history.task.loss.key;
  const { part, choice } = usePart(
    lossParts(runs, { phase, weighted: isWeighted }),
    isWeighted ? `${own}·w` : own,
  );
  const view = useMemo(() => {
    const options = { phase, weighted: isWeighted, smoothing, logarithmic };
    const model = part === null ? lossView(history, options) : comparedView(history, compared, part, options);
    return { version, ...model };
  }, [history, compared, part, phase, isWeighted, smoothing, logarithmic, version]);
  return (
    <Panel
      ref={ref}
      title="Loss components"
      line={
        logarithmic && view.scale.kind === 'linear' && view.rows.length > 0
          ? 'A loss here may be negative, so the axis stays linear.'
          : undefined
      }
      tools={
        <>
          {choice}
          {phase === 'student' && (
            <SegmentedControl
              size="xs"
              aria-label="Loss components"
              value={weighted ? 'weighted' : 'raw'}
              onChange={(value) => setWeighted(value === 'weighted')}
              data={[
                { value: 'raw', label: 'Raw' },
                { value: 'weighted', label: 'Weighted' },
              ]}
            />
          )}
        </>
      }
    >
      <Plot {...lossFrame} {...view} marks={marks} empty="Loss components appear with the first steps." />
    </Panel>
  );
});
