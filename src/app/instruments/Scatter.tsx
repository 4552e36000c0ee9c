import { SegmentedControl } from '@mantine/core';
import { memo, useMemo, useRef, useState } from 'react';
import type { Learner } from '../../training/events';
import { figure } from '../format';
import { midSentence } from '../../limits/texts';
import { describeSample } from '../inspector/describe-sample';
import type { RunRecord } from '../../record/run-record';
import type { Quantity } from '../../record/snapshots';
import { usePanelVersion } from '../redraw/use-redraw';
import { useView } from '../store/hooks';
import { Empty } from './Empty';
import classes from './instruments.module.css';
import { valueScale } from './loss-view';
import { quantityName } from './names';
import { Panel } from './Panel';
import { RunGrid, useShownRuns } from './RunGrid';
import { useFigureHeight } from './plot/figure-height';
import { linearScale, placeOf, tickFormat } from './plot/scale';
import { useWidth } from './plot/use-width';
import { nines, ninesTicks, scatterDots, type Dot } from './scatter-view';

/** On a phone. */
const least = 250;
const frame = { left: 42, right: 14, top: 20, bottom: 36 };

export const Scatter = memo(function Scatter({
  history,
  quantity,
}: {
  history: RunRecord;
  quantity: Quantity;
}) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const [learner, setLearner] = useState<Learner>('teacher');
  const isError = history.task.id === 'regression';
  const latest = history.snapshots.latest;
  const runs = useShownRuns(history);
  const dots = useMemo(
    () => (latest && version >= 0 ? runs.map((run) => scatterDots(run.history, quantity, learner)) : []),
    [runs, quantity, learner, latest, version],
  );
  return (
    <Panel
      ref={ref}
      title={`${quantity.startsWith('loss:') ? 'Loss' : 'Weight'} against ${isError ? 'error' : 'confidence'}`}
      tools={
        <SegmentedControl
          aria-label={isError ? 'Whose error' : 'Whose confidence'}
          value={learner}
          onChange={(value) => setLearner(value as Learner)}
          data={[
            { value: 'teacher', label: 'Teacher' },
            { value: 'student', label: 'Student' },
          ]}
        />
      }
    >
      {(dots[0]?.length ?? 0) > 0 ? (
        <RunGrid runs={runs}>
          {(run, place) =>
            dots[place]!.length > 0 ? (
              <Dots
                history={run.history}
                dots={dots[place]!}
                all={dots.flat()}
                isShown={place === 0}
                learner={learner}
                unit={midSentence(quantityName(history, quantity))}
              />
            ) : (
              <Empty height={least}>This run has no such numbers.</Empty>
            )
          }
        </RunGrid>
      ) : (
        <Empty height={least}>
          {learner === 'teacher' && history.recipe.teacher.kind === 'none'
            ? 'This recipe has no teacher whose confidence could be shown.'
            : 'A point per tracked sample appears with the first evaluation.'}
        </Empty>
      )}
    </Panel>
  );
});

interface DotsProps {
  history: RunRecord;
  dots: Dot[];
  /** Those of all runs beside each other, for the axes. */
  all: Dot[];
  /** Whether it is the run in view, whose samples the inspector shows. */
  isShown: boolean;
  learner: Learner;
  unit: string;
}

function Dots({ history, dots, all, isShown, learner, unit }: DotsProps) {
  const height = useFigureHeight(least);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const selected = useView((state) => state.selected);
  const set = useView((state) => state.set);
  const values = all.map(({ value }) => value);
  const scale = valueScale([Math.min(...values), Math.max(...values)], false);
  const formatTick = tickFormat(scale);
  const axis = history.task.id === 'regression' ? errorAxis(all) : confidenceAxis(all);
  const x = (place: number) =>
    frame.left + (place / axis.most) * Math.max(1, width - frame.left - frame.right);
  const y = (value: number) => frame.top + (1 - placeOf(scale, value)) * (height - frame.top - frame.bottom);
  const labelWord = history.task.id === 'regression' ? 'target' : 'label';
  const states = new Set(dots.map(({ label }) => label));
  return (
    <div ref={box}>
      <svg
        className={classes.scatter}
        height={height}
        role="group"
        aria-label={`${unit} against the ${axis.what} of the ${learner}`}
      >
        {scale.ticks.map((tick) => (
          <g key={tick}>
            <line x1={frame.left} x2={width - frame.right} y1={y(tick)} y2={y(tick)} stroke="var(--grid)" />
            <text x={frame.left - 8} y={y(tick) + 4} textAnchor="end">
              {formatTick(tick)}
            </text>
          </g>
        ))}
        {axis.ticks.map(({ place, text }) => (
          <text key={text} x={x(place)} y={height - 20} textAnchor="middle">
            {text}
          </text>
        ))}
        <text x={6} y={9}>
          {unit}
        </text>
        <text x={x(axis.most / 2)} y={height - 4} textAnchor="middle">
          {axis.what} of the {learner}, {axis.unit}
        </text>
        {dots.map((dot) => (
          <DotMark
            key={dot.row}
            dot={dot}
            x={x(axis.place(dot.confidence))}
            y={y(dot.value)}
            selected={isShown && dot.row === selected}
            title={`${describeSample(history, dot.row)}: ${figure(dot.value)}`}
            onSelect={isShown ? () => set({ selected: dot.row }) : null}
          />
        ))}
      </svg>
      <div className={classes.key} data-figure="legend">
        {states.has('true') && (
          <span>
            <Shape label="true" /> correct {labelWord}
          </span>
        )}
        {states.has('wrong') && (
          <span>
            <Shape label="wrong" /> wrong {labelWord}
          </span>
        )}
        {states.has('none') && (
          <span>
            <Shape label="none" /> no {labelWord}
          </span>
        )}
      </div>
    </div>
  );
}

interface SurenessAxis {
  what: string;
  unit: string;
  /** Place of the right end. */
  most: number;
  place: (value: number) => number;
  ticks: { place: number; text: string }[];
}

function confidenceAxis(dots: readonly Dot[]): SurenessAxis {
  const most = Math.max(1, ...dots.map(({ confidence }) => Math.ceil(nines(confidence))));
  return { what: 'confidence', unit: '%', most, place: nines, ticks: ninesTicks(most) };
}

function errorAxis(dots: readonly Dot[]): SurenessAxis {
  const { ticks, domain } = linearScale(0, Math.max(0.1, ...dots.map(({ confidence }) => confidence)));
  return {
    what: 'error',
    unit: 'standard deviations of the target',
    most: domain[1],
    place: (value) => value,
    ticks: ticks.map((place) => ({ place, text: figure(place) })),
  };
}

function Shape({ label }: { label: Dot['label'] }) {
  return (
    <svg width="12" height="12" aria-hidden="true">
      <g transform="translate(6 6)">{shapes[label]}</g>
    </svg>
  );
}

/** Colour and shape say the same: whether the label is right. */
const shapes: Record<Dot['label'], React.ReactNode> = {
  true: <circle r="3.2" fill="var(--student)" fillOpacity="0.75" />,
  wrong: <path d="M-3 -3L3 3M3 -3L-3 3" stroke="var(--hint-1)" strokeWidth="1.8" />,
  none: <circle r="3" fill="none" stroke="var(--ink-3)" strokeWidth="1.4" />,
};

interface MarkProps {
  dot: Dot;
  x: number;
  y: number;
  selected: boolean;
  title: string;
  onSelect: (() => void) | null;
}

/** The pointer's way to an image; the heat map and the strip are the keyboard's. */
function DotMark({ dot, x, y, selected, title, onSelect }: MarkProps) {
  return (
    <g
      transform={`translate(${x} ${y})`}
      {...(onSelect ? { style: { cursor: 'pointer' }, onClick: onSelect } : {})}
    >
      <title>{title}</title>
      <circle r="8" fill="transparent" />
      {selected && <circle r="7" data-figure="none" fill="none" stroke="var(--ink)" strokeWidth="1.5" />}
      {shapes[dot.label]}
    </g>
  );
}
