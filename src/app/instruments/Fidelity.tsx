import { SegmentedControl } from '@mantine/core';
import { memo, useMemo, useRef, useState } from 'react';
import type { RunRecord } from '../../record/run-record';
import type { Learner } from '../../training/events';
import { count } from '../format';
import { usePanelVersion } from '../redraw/use-redraw';
import { instanceWords } from '../subject/instance-words';
import { capital, scoreFormat, type ScoreFormat } from '../subject/score-format';
import { learnerStyles } from '../theme/learner-styles';
import { cividis } from './colour-map';
import { Empty } from './Empty';
import { fidelityScores, fidelityViews, type FidelityView } from './fidelity-view';
import classes from './instruments.module.css';
import { Legend } from './Legend';
import { Panel } from './Panel';
import { RunGrid, useShownRuns } from './RunGrid';
import { useWidth } from './plot/use-width';
import heat from './heat-map.module.css';

const line = 20;
const edge = { top: 4, bottom: 22 };
const compared: readonly Learner[] = ['student', 'control'];

/** How near the student is to its teacher, class by class and measurement by measurement. */
export default memo(function Fidelity({ history }: { history: RunRecord }) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const [chosen, setChosen] = useState<string | null>(null);
  const [learner, setLearner] = useState<Learner>('student');
  const { evaluated, facts, task } = history;
  const runs = useShownRuns(history);
  const { scores, about, views } = useMemo(() => {
    const known = version >= 0 && evaluated ? fidelityScores(history) : [];
    const wanted = known.find(({ id }) => id === chosen) ?? known[0];
    const histories = runs.map((run) => run.history);
    return { scores: known, about: wanted, views: wanted ? fidelityViews(histories, wanted, learner) : [] };
  }, [history, runs, chosen, learner, evaluated, version]);
  const [view] = views;
  if (!about || !view || !evaluated) return null;
  const score = scoreFormat(about, facts);
  const learners = compared.filter(
    (one) => history.measured.student.at(-1)?.fidelity?.[about.id]?.[one] !== undefined,
  );
  const group = { classification: 'class', multilabel: 'label', regression: 'number' }[task.id];
  const { many, one } = instanceWords(facts);
  return (
    <Panel
      ref={ref}
      wide
      title={`${about.title}, by ${group}`}
      term={score.term}
      line={`on ${count(evaluated.images)} ${evaluated.split} ${many}, at each measurement`}
      tools={
        <>
          {learners.length > 1 && (
            <SegmentedControl
              aria-label="Whose predictions"
              value={learner}
              onChange={(value) => setLearner(value as Learner)}
              data={learners.map((value) => ({
                value,
                label: learnerStyles[value].short ?? learnerStyles[value].label,
              }))}
            />
          )}
          {scores.length > 1 && (
            <SegmentedControl
              aria-label="Compared by"
              value={about.id}
              onChange={setChosen}
              data={scores.map(({ id, short }) => ({ value: id, label: capital(short) }))}
            />
          )}
        </>
      }
    >
      <RunGrid runs={runs}>
        {(_, place) =>
          views[place] ? (
            <Grid view={views[place]} score={score} who={learnerStyles[learner].label} />
          ) : (
            <Empty>This run has no such numbers.</Empty>
          )
        }
      </RunGrid>
      <div className={heat.mapFoot}>
        <p className={classes.status}>
          {view.rows.length < view.all &&
            `The ${view.rows.length} of ${view.all} furthest from the teacher. `}
          Single {many}: choose the same under “Tracked samples”, where each {one} has a line.
        </p>
        <Legend range={view.range} curved={isCurved(score)} />
      </div>
    </Panel>
  );
});

/** KL falls by a factor of ten and more: on a square-root scale late differences can still be seen. */
const isCurved = ({ isShare }: ScoreFormat) => !isShare;

function Grid({ view, score, who }: { view: FidelityView; score: ScoreFormat; who: string }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const { rows, steps, range } = view;
  const longest = Math.max(0, ...rows.map(({ name }) => Math.min(12, name.length)));
  const frame = { ...edge, left: 16 + longest * 7, right: 92 };
  const height = frame.top + frame.bottom + rows.length * line;
  const across = Math.max(1, width - frame.left - frame.right);
  const cell = across / steps.length;
  const colourOf = (value: number) => {
    const share = Math.min(1, Math.max(0, (value - range[0]) / (range[1] - range[0])));
    const at = Math.round((isCurved(score) ? Math.sqrt(share) : share) * 255) * 3;
    return `rgb(${cividis[at]!} ${cividis[at + 1]!} ${cividis[at + 2]!})`;
  };
  const latest = (values: readonly number[]) => score.text(values.at(-1)!);
  return (
    <div ref={box} data-plot style={{ minHeight: height }}>
      {width > 0 && (
        <svg
          className={classes.scatter}
          width={width}
          height={height}
          role="img"
          aria-label={`${score.about.title} of the ${who.toLowerCase()} now. ${rows.map(({ name, values }) => `${name}: ${latest(values)}`).join('. ')}`}
        >
          {rows.map(({ name, values }, row) => {
            const top = frame.top + row * line;
            return (
              <g key={name}>
                <text x={frame.left - 10} y={top + line / 2 + 4} textAnchor="end">
                  {name.length > 12 ? `${name.slice(0, 11)}…` : name}
                </text>
                {values.map((value, column) =>
                  Number.isNaN(value) ? null : (
                    <rect
                      key={steps[column]}
                      x={frame.left + column * cell}
                      y={top}
                      width={cell + 0.4}
                      height={line - 2}
                      fill={colourOf(value)}
                    >
                      <title>
                        {name}, step {count(steps[column]!)}: {score.text(value)}
                      </title>
                    </rect>
                  ),
                )}
                <text x={width - frame.right + 10} y={top + line / 2 + 4}>
                  {latest(values)}
                </text>
              </g>
            );
          })}
          <text x={frame.left} y={height - 5}>
            step {count(steps[0]!)}
          </text>
          <text x={width - frame.right} y={height - 5} textAnchor="end">
            {steps.length > 1 && count(steps.at(-1)!)}
          </text>
        </svg>
      )}
    </div>
  );
}
