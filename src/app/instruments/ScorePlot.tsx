import { SegmentedControl } from '@mantine/core';
import { memo, useMemo, useState } from 'react';
import type { Phase } from '../../training/events';
import { count } from '../format';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { useView } from '../store/hooks';
import { instanceWords } from '../subject/instance-words';
import { scoreFormat } from '../subject/score-format';
import { scoreFrame } from './frames';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';
import { scoreView } from './score-view';
import { useCompared } from './use-compared';
import { useMarks } from './use-marks';

/** The scores of a run's task over its steps, the primary one first. */
export const ScorePlot = memo(function ScorePlot({ history, phase }: { history: RunRecord; phase: Phase }) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const marks = useMarks(history, phase);
  const showTrain = useView((state) => state.showTrain);
  const compared = useCompared(history);
  const [chosen, setChosen] = useState<string | null>(null);
  const { scores } = history.task;
  const about = scores.find(({ id }) => id === chosen) ?? scores[0];
  const score = scoreFormat(about, history.facts);
  const view = useMemo(
    () => ({ version, ...scoreView(history, phase, showTrain, compared, about) }),
    [history, phase, showTrain, compared, about, version],
  );
  return (
    <Panel
      ref={ref}
      wide
      title={score.heading}
      term={score.term}
      line={measuredOn(history)}
      tools={
        scores.length > 1 && (
          <SegmentedControl
            aria-label="Score"
            value={about.id}
            onChange={setChosen}
            data={scores.map(({ id, short }) => ({ value: id, label: short }))}
          />
        )
      }
    >
      <Plot {...scoreFrame(score)} {...view} marks={marks} empty="The first measurement is on its way." />
    </Panel>
  );
});

function measuredOn({ evaluated, facts, outcome }: RunRecord): string | undefined {
  if (!evaluated) return undefined;
  const { images, split } = evaluated;
  const { many } = instanceWords(facts);
  const all = facts?.test ?? images;
  const final =
    outcome && (split === 'validation' || images < all)
      ? `; the final figures are on all ${count(all)} test ${many}`
      : '';
  return `on ${count(images)} ${split} ${many}${final}`;
}
