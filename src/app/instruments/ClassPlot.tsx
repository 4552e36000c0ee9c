import { SegmentedControl } from '@mantine/core';
import { memo, useMemo, useRef, useState } from 'react';
import { percent } from '../format';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { instanceWords } from '../subject/instance-words';
import { learnerStyles } from '../theme/learner-styles';
import { classShares, comparedShares, labelScores, type ClassShares } from './class-view';
import { Empty } from './Empty';
import classes from './instruments.module.css';
import { learnerShapes, runShape } from './learner-shapes';
import type { Compared } from './overlay';
import { Panel } from './Panel';
import { useWidth } from './plot/use-width';
import { useCompared } from './use-compared';

const line = 22;
const edge = { right: 24, top: 20, bottom: 22 };
const ticks = [0, 0.5, 1];
interface ClassMark {
  key: string;
  label: string;
  shape: React.ReactNode;
}
interface ClassRow {
  name: string;
  shares: Partial<Record<string, number>>;
}

/** All networks of a run, or the students of several runs, in the order in which they are drawn. */
function classMarks(
  history: RunRecord,
  compared: readonly Compared[],
  sharesOf: (run: RunRecord) => ClassShares,
): { marks: ClassMark[]; rows: ClassRow[] } {
  if (compared.length === 0) {
    const { learners, rows } = sharesOf(history);
    return {
      marks: learners.map((key) => ({ key, label: learnerStyles[key].label, shape: learnerShapes[key] })),
      rows,
    };
  }
  const { runs, rows } = comparedShares(history, compared, sharesOf);
  const marks = runs.map(({ number, place, colour }) => ({
    key: `run ${number}`,
    label: `Student, run ${number}`,
    shape: runShape(place, colour),
  }));
  return {
    marks: [
      ...marks.toReversed(),
      { key: 'student', label: 'Student of this run', shape: learnerShapes.student },
    ],
    rows,
  };
}

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
  const compared = useCompared(history);
  const { marks, rows } = useMemo(
    () =>
      evaluated && version >= 0
        ? classMarks(history, compared, (run) => (isLabels ? labelScores(run, score.id) : classShares(run)))
        : { marks: [], rows: [] },
    [history, evaluated, isLabels, score.id, compared, version],
  );
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
              aria-label={spoken(isLabels ? `${score.title} by label` : 'Per-class accuracy', marks, shown)}
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
                const found = marks.flatMap(({ key, label, shape }) => {
                  const share = shares[key];
                  return share === undefined ? [] : [{ key, label, shape, share }];
                });
                return (
                  <g key={name} transform={`translate(0 ${y})`}>
                    <title>
                      {name}: {found.map(({ label, share }) => `${label} ${percent(share, 0)}`).join(', ')}
                    </title>
                    <text x={frame.left - 12} y="4" textAnchor="end">
                      {name.length > 12 ? `${name.slice(0, 11)}…` : name}
                    </text>
                    <line
                      x1={x(Math.min(...found.map(({ share }) => share)))}
                      x2={x(Math.max(...found.map(({ share }) => share)))}
                      stroke="var(--rule)"
                      strokeWidth="2"
                    />
                    {found.map(({ key, share, shape }) => (
                      <g key={key} transform={`translate(${x(share)} 0)`}>
                        {shape}
                      </g>
                    ))}
                  </g>
                );
              })}
            </svg>
            <div className={classes.key} data-figure="legend">
              {marks.toReversed().map(({ key, label, shape }) => (
                <span key={key}>
                  <svg width="12" height="12" aria-hidden="true">
                    <g transform="translate(6 6)">{shape}</g>
                  </svg>
                  {label}
                </span>
              ))}
            </div>
          </>
        )}
      </div>
    </Panel>
  );
});

function spoken(title: string, marks: readonly ClassMark[], rows: readonly ClassRow[]): string {
  const words = rows.map(({ name, shares }) => {
    const found = marks.flatMap(({ key, label }) => {
      const share = shares[key];
      return share === undefined ? [] : [`${label} ${percent(share, 0)}`];
    });
    return `${name}: ${found.join(', ')}`;
  });
  return `${title}. ${words.join('. ')}`;
}
