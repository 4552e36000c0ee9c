import { memo, useMemo } from 'react';
import { secondDomainKey, type RunRecord } from '../../record/run-record';
import type { Phase } from '../../training/events';
import { usePanelVersion, useRunValue } from '../redraw/use-redraw';
import { instanceWords } from '../subject/instance-words';
import { primaryScore } from '../subject/score-format';
import { scoreFrame } from './frames';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';
import { scoreView } from './score-view';
import { useCompared } from './use-compared';
import { useMarks } from './use-marks';

interface Props {
  history: RunRecord;
  phase: Phase;
}

/** The score on the second domain, in a run that measures it. */
export const SecondDomainPlot = memo(function SecondDomainPlot({ history, phase }: Props) {
  const isMeasured = useRunValue(() => measures(history, phase));
  return isMeasured && <DomainPanel history={history} phase={phase} />;
});

function measures({ evaluations }: RunRecord, phase: Phase): boolean {
  return evaluations[phase].has(secondDomainKey(phase === 'teacher' ? 'teacher' : 'student'));
}

function DomainPanel({ history, phase }: Props) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const marks = useMarks(history, phase);
  const compared = useCompared(history);
  const score = primaryScore(history.facts);
  const view = useMemo(
    () => ({
      version,
      ...scoreView(history, phase, false, compared, history.task.scores[0], 'second'),
    }),
    [history, phase, compared, version],
  );
  const frame = scoreFrame(score);
  const title = `${score.heading}, second domain`;
  return (
    <Panel
      ref={ref}
      wide
      title={title}
      line={`on the test ${instanceWords(history.facts).many} in the appearance of which the student has no labels`}
    >
      <Plot {...frame} {...view} title={`${title}, over steps`} marks={marks} empty="" />
    </Panel>
  );
}
