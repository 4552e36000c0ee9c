import { SegmentedControl } from '@mantine/core';
import { memo, useMemo, useState } from 'react';
import type { ScoreAbout } from '../../distill/tasks/about';
import type { Phase } from '../../training/events';
import { count } from '../format';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { useView } from '../store/hooks';
import { instanceWords } from '../subject/instance-words';
import { scoreFormat } from '../subject/score-format';
import { scoreFrame } from './frames';
import { LateSelect } from './LateSelect';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';
import { measuredScores, scoreView } from './score-view';
import { useCompared } from './use-compared';
import { useMarks } from './use-marks';

/** The scores of a run's task over its steps, the primary one first. */
export const ScorePlot = memo(function ScorePlot({ history, phase }: { history: RunRecord; phase: Phase }) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const marks = useMarks(history, phase);
  const showTrain = useView((state) => state.showTrain);
  const compared = useCompared(history);
  const [chosen, setChosen] = useState<string | null>(null);
  const scores = measuredScores(history, phase);
  const about = scores.find(({ id }) => id === chosen) ?? history.task.scores[0];
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
      tools={<ScoreChoice scores={scores} value={about.id} onChange={setChosen} />}
    >
      <Plot {...scoreFrame(score)} {...view} marks={marks} empty="The first measurement is on its way." />
    </Panel>
  );
});

/** A few side by side; more in a list. */
function ScoreChoice({
  scores,
  value,
  onChange,
}: {
  scores: readonly ScoreAbout[];
  value: string;
  onChange: (id: string) => void;
}) {
  if (scores.length < 2) return null;
  return scores.length <= 3 ? (
    <SegmentedControl
      aria-label="Score"
      value={value}
      onChange={onChange}
      data={scores.map(({ id, short }) => ({ value: id, label: short }))}
    />
  ) : (
    <LateSelect
      aria-label="Score"
      w={240}
      allowDeselect={false}
      value={value}
      onChange={(id) => id !== null && onChange(id)}
      data={scores.map(({ id, title }) => ({ value: id, label: title }))}
    />
  );
}

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
