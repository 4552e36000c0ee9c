import { SegmentedControl } from '@mantine/core';
import { memo, useMemo, useRef, useState } from 'react';
import type { RunRecord } from '../../record/run-record';
import type { Learner } from '../../training/events';
import { count, figure } from '../format';
import { usePanelVersion } from '../redraw/use-redraw';
import { instanceWords } from '../subject/instance-words';
import { withUnit } from '../subject/score-format';
import { learnerStyles } from '../theme/learner-styles';
import { Empty } from './Empty';
import classes from './instruments.module.css';
import { LateSelect } from './LateSelect';
import { Panel } from './Panel';
import { RunGrid, useShownRuns } from './RunGrid';
import { useFigureHeight } from './plot/figure-height';
import { placeOf, tickFormat } from './plot/scale';
import { useWidth } from './plot/use-width';
import { errorsOf, residualViews, type ResidualView } from './residual-view';

const least = 250;
const frame = { left: 52, right: 12, top: 22, bottom: 36 };
/** More points than this say no more and are slow to draw. */
const mostPoints = 500;

/** For numbers, in place of the confusion matrix: what each network answers against what is true. */
export const Residuals = memo(function Residuals({ history }: { history: RunRecord }) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const [kind, setKind] = useState<'answers' | 'residuals'>('answers');
  const [target, setTarget] = useState(0);
  const { answers, evaluated, facts } = history;
  const runs = useShownRuns(history);
  const views = useMemo(
    () =>
      answers && version >= 0
        ? residualViews(
            runs.map((run) => run.history),
            target,
            kind === 'residuals',
          )
        : [],
    [runs, answers, target, kind, version],
  );
  const names = facts?.targets?.names ?? [];
  const unit = facts?.targets?.units[target] ?? '';
  return (
    <Panel
      ref={ref}
      wide
      title={kind === 'answers' ? 'Predicted against true' : 'Residual against true'}
      line={evaluated ? `at step ${count(evaluated.step)}` : undefined}
      tools={
        <>
          {names.length > 1 && (
            <LateSelect
              aria-label="Which number"
              w={180}
              allowDeselect={false}
              value={String(target)}
              onChange={(value) => setTarget(Number(value))}
              data={names.map((label, place) => ({ value: String(place), label }))}
            />
          )}
          <SegmentedControl
            aria-label="What is drawn"
            value={kind}
            onChange={(value) => setKind(value as 'answers' | 'residuals')}
            data={[
              { value: 'answers', label: 'Predicted' },
              { value: 'residuals', label: 'Residual' },
            ]}
          />
        </>
      }
    >
      {views[0] ? (
        <>
          <p className={classes.note}>
            A point per measured {instanceWords(facts).one};{' '}
            {kind === 'answers'
              ? 'on the line the prediction is right.'
              : 'the residual is predicted minus true, and 0 is right.'}
          </p>
          <RunGrid runs={runs}>
            {(_, place) =>
              views[place] ? (
                <Figures
                  view={views[place]}
                  residuals={kind === 'residuals'}
                  name={names[target] ?? ''}
                  unit={unit}
                />
              ) : (
                <Empty height={least}>This run has no such numbers.</Empty>
              )
            }
          </RunGrid>
        </>
      ) : (
        <Empty height={least}>
          A point per measured {instanceWords(facts).one} appears with the first evaluation.
        </Empty>
      )}
    </Panel>
  );
});

interface FiguresProps {
  view: ResidualView;
  residuals: boolean;
  name: string;
  unit: string;
}

function Figures({ view, ...rest }: FiguresProps) {
  const box = useRef<HTMLDivElement>(null);
  const all = useWidth(box);
  const columns = Math.max(1, Math.min(view.learners.length, Math.floor(all / 250)));
  const width = Math.floor((all - (columns - 1) * 16) / columns);
  return (
    <div ref={box} className={classes.figures}>
      {width > 0 &&
        view.learners
          .toReversed()
          .map((learner) => <Points key={learner} learner={learner} view={view} width={width} {...rest} />)}
    </div>
  );
}

function Points({
  learner,
  view: { truth, values, across, up },
  width,
  residuals,
  name,
  unit,
}: FiguresProps & { learner: Learner; width: number }) {
  const height = useFigureHeight(least);
  const style = learnerStyles[learner];
  const own = values[learner]!;
  const x = (value: number) => frame.left + placeOf(across, value) * (width - frame.left - frame.right);
  const y = (value: number) => frame.top + (1 - placeOf(up, value)) * (height - frame.top - frame.bottom);
  const [left, right] = across.domain;
  const [xTick, yTick] = [tickFormat(across), tickFormat(up)];
  const answered = residuals ? own.map((value, row) => value + truth[row]!) : own;
  const { mean, bias } = errorsOf(truth, answered);
  const words = `mean absolute error ${withUnit(figure(mean), unit)}, mean error ${withUnit(figure(bias), unit)}`;
  const stride = Math.ceil(truth.length / mostPoints);
  const axis = `${name || 'number'}${unit ? `, ${unit}` : ''}`;
  return (
    <figure className={classes.pointFigure} style={{ width }}>
      <svg
        className={classes.scatter}
        width={width}
        height={height}
        role="img"
        aria-label={`${style.label}: ${words}`}
      >
        {up.ticks.map((tick) => (
          <g key={tick}>
            <line x1={frame.left} x2={width - frame.right} y1={y(tick)} y2={y(tick)} stroke="var(--grid)" />
            <text x={frame.left - 8} y={y(tick) + 4} textAnchor="end">
              {yTick(tick)}
            </text>
          </g>
        ))}
        {across.ticks.map((tick) => (
          <text key={tick} x={x(tick)} y={height - 20} textAnchor="middle">
            {xTick(tick)}
          </text>
        ))}
        <text x={6} y={10}>
          {residuals ? 'residual' : 'predicted'} {axis}
        </text>
        <text x={(frame.left + width - frame.right) / 2} y={height - 4} textAnchor="middle">
          true {axis}
        </text>
        <line
          x1={x(left)}
          x2={x(right)}
          y1={y(residuals ? 0 : left)}
          y2={y(residuals ? 0 : right)}
          stroke="var(--ink-3)"
          strokeDasharray="4 3"
        />
        {Array.from({ length: Math.ceil(truth.length / stride) }, (_, place) => {
          const row = place * stride;
          return (
            <circle
              key={row}
              cx={x(truth[row]!)}
              cy={y(own[row]!)}
              r="2.6"
              fill={style.colour}
              fillOpacity="0.55"
            />
          );
        })}
      </svg>
      <figcaption>
        <b style={{ borderColor: style.colour }}>{style.label}</b> {words}
      </figcaption>
    </figure>
  );
}
