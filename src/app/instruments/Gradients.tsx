import { memo, useMemo } from 'react';
import type { RunRecord } from '../../record/run-record';
import { figure } from '../format';
import { usePanelVersion } from '../redraw/use-redraw';
import { useView } from '../store/hooks';
import { gradientViews } from './gradient-view';
import { Panel } from './Panel';
import { useAlone } from './RunGrid';
import { Plot } from './plot/Plot';
import { useMarks } from './use-marks';

const frame = { format: figure, height: 230 };

/** How strongly each loss pulls at the student, and whether it pulls the way the labels do. */
export default memo(function Gradients({ history }: { history: RunRecord }) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const marks = useMarks(history, 'student');
  const alone = useAlone(history);
  const logarithmic = useView((state) => state.logLoss);
  const { norms, cosines } = useMemo(
    () => ({ version, ...gradientViews(history, logarithmic) }),
    [history, logarithmic, version],
  );
  return (
    <>
      <Panel
        ref={ref}
        wide
        title="Gradient of each loss, size"
        term="gradients"
        line={`by the student’s parameters, on one fixed batch, with its weight${alone ? `; ${alone}` : ''}`}
      >
        <Plot
          {...frame}
          {...norms}
          title="Norms of the gradients over steps"
          unit="norm"
          marks={marks}
          empty="The first measurement is on its way."
        />
      </Panel>
      {cosines.lines.length > 0 && (
        <Panel
          wide
          title="Gradient of each loss, direction"
          term="gradients"
          line={`1 pulls the way the ${history.task.loss.title.toLowerCase()} on the labels does, −1 against it${alone ? `; ${alone}` : ''}`}
        >
          <Plot
            {...frame}
            {...cosines}
            title="Cosines to the gradient of the labels over steps"
            unit="cosine"
            references={[{ value: 0, label: 'across', colour: 'var(--ink-3)', dash: '2 3' }]}
            marks={marks}
            empty="The first measurement is on its way."
          />
        </Panel>
      )}
    </>
  );
});
