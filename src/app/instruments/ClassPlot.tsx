import { SegmentedControl } from '@mantine/core';
import { memo, useMemo, useRef, useState } from 'react';
import type { Learner } from '../../training/events';
import { percent } from '../format';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { instanceWords } from '../subject/instance-words';
import { learnerStyles } from '../theme/learner-styles';
import { classShares, labelScores } from './class-view';
import { Empty } from './Empty';
import classes from './instruments.module.css';
import { learnerShapes } from './learner-shapes';
import { Panel } from './Panel';
import { useWidth } from './plot/use-width';

const line = 22;
const edge = { right: 24, top: 20, bottom: 22 };
const ticks = [0, 0.5, 1];
/** Class by class how many of its instances each network finds, or label by label a score of each network. */
export const ClassPlot = memo(function ClassPlot({ history }: { history: RunRecord }) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const evaluated = history.evaluated;
  const { task } = history;
  const isLabels = task.id === 'multilabel';
  const [chosen, setChosen] = useState<string>(task.scores[0].id);
  const score = task.scores.find(({ id }) => id === chosen) ?? task.scores[0];
  const view = useMemo(
    () =>
      evaluated && version >= 0
        ? isLabels
          ? labelScores(history, score.id)
          : classShares(history)
        : { learners: [], rows: [] },
    [history, evaluated, isLabels, score.id, version],
  );
  const { learners, rows } = view;
  const shown = rows.slice(0, 24);
  const longest = Math.max(0, ...shown.map(({ name }) => Math.min(12, name.length)));
  const frame = { ...edge, left: 20 + longest * 7 };
  const height = frame.top + frame.bottom + shown.length * line;
  const x = (share: number) => frame.left + share * Math.max(1, width - frame.left - frame.right);
  return (
    <Panel
      ref={ref}
      title={isLabels ? `${score.title} by label` : 'Per-class accuracy'}
      tools={
        isLabels && (
          <SegmentedControl
            aria-label="Score of the labels"
            value={score.id}
            onChange={setChosen}
            data={task.scores.map(({ id, short }) => ({ value: id, label: short }))}
          />
        )
      }
      line={
        isLabels
          ? 'each label by itself'
          : `share of the ${instanceWords(history.facts).many} of a class that are classified correctly`
      }
    >
      <div ref={box}>
        {shown.length === 0 ? (
          <Empty height={250}>
            Each {isLabels ? 'label' : 'class'} gets a line with the first evaluation.
          </Empty>
        ) : (
          <>
            <svg
              className={classes.scatter}
              height={height}
              role="img"
              aria-label={spoken(
                isLabels ? `${score.title} by label` : 'Per-class accuracy',
                learners,
                shown,
              )}
            >
              {ticks.map((tick) => (
                <g key={tick}>
                  <line
                    x1={x(tick)}
                    x2={x(tick)}
                    y1={frame.top - 6}
                    y2={height - frame.bottom}
                    stroke="var(--grid)"
                  />
                  <text x={x(tick)} y={height - 6} textAnchor="middle">
                    {percent(tick, 0)}
                  </text>
                </g>
              ))}
              {shown.map(({ name, shares }, place) => {
                const y = frame.top + place * line + line / 2 - 4;
                const found = learners.map((learner) => shares[learner] ?? 0);
                return (
                  <g key={name} transform={`translate(0 ${y})`}>
                    <title>
                      {name}:{' '}
                      {learners
                        .map(
                          (learner) => `${learnerStyles[learner].label} ${percent(shares[learner] ?? 0, 0)}`,
                        )
                        .join(', ')}
                    </title>
                    <text x={frame.left - 12} y="4" textAnchor="end">
                      {name.length > 12 ? `${name.slice(0, 11)}…` : name}
                    </text>
                    <line
                      x1={x(Math.min(...found))}
                      x2={x(Math.max(...found))}
                      stroke="var(--rule)"
                      strokeWidth="2"
                    />
                    {learners.map((learner) => (
                      <g key={learner} transform={`translate(${x(shares[learner] ?? 0)} 0)`}>
                        {learnerShapes[learner]}
                      </g>
                    ))}
                  </g>
                );
              })}
            </svg>
            <div className={classes.key} data-figure="legend">
              {learners.toReversed().map((learner) => (
                <span key={learner}>
                  <svg width="12" height="12" aria-hidden="true">
                    <g transform="translate(6 6)">{learnerShapes[learner]}</g>
                  </svg>
                  {learnerStyles[learner].label}
                </span>
              ))}
            </div>
          </>
        )}
      </div>
    </Panel>
  );
});

function spoken(
  title: string,
  learners: readonly Learner[],
  rows: ReturnType<typeof classShares>['rows'],
): string {
  const words = rows.map(
    ({ name, shares }) =>
      `${name}: ${learners.map((learner) => `${learnerStyles[learner].label} ${percent(shares[learner] ?? 0, 0)}`).join(', ')}`,
  );
  return `${title}. ${words.join('. ')}`;
}
