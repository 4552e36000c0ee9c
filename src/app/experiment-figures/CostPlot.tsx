import { Select } from '@mantine/core';
import { useRef, useState } from 'react';
import { shortNames } from '../../experiment/row-names';
import { figure } from '../format';
import { Empty } from '../instruments/Empty';
import { Panel } from '../instruments/Panel';
import { linearScale, logScale, placeOf, spread } from '../instruments/plot/scale';
import { useWidth } from '../instruments/plot/use-width';
import classes from './experiment-figures.module.css';
import type { FigureProps } from './figure-props';
import { costAbouts, costPoints } from './pareto';
import { letter } from './row-labels';

const height = 300;
/** More than so many rows hide each other: then those on the Pareto line are named. */
const mostLabels = 12;
const frame = { left: 48, top: 24, bottom: 40 };
/** More than this ratio between the dearest and the cheapest row is drawn on a logarithmic axis. */
const wideRange = 8;

/** What the score is bought with: rows that no other beats in both stand on the Pareto line. */
export function CostPlot({ lines, results, score }: Pick<FigureProps, 'lines' | 'results' | 'score'>) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [chosen, setChosen] = useState(costAbouts[0]!.id);
  const measured = costAbouts.filter(({ of }) => results.some((result) => of(result) !== null));
  const cost = measured.find(({ id }) => id === chosen) ?? measured[0];
  const points = cost ? costPoints(lines, results, cost, score.lowerIsBetter) : [];
  const costs = points.map((point) => point.cost);
  const [least, most] = [Math.min(...costs), Math.max(...costs)];
  const across =
    least > 0 && most / least > wideRange ? logScale(least, most) : linearScale(Math.min(0, least), most);
  const scores = points.flatMap((point) => [point.score, ...(point.interval ?? [])]);
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const up = linearScale(
    score.isShare ? Math.max(0, low) : low,
    score.isShare ? Math.min(1, Math.max(high, low + 0.01)) : Math.max(high, low + 1e-6),
  );
  const front = points.filter(({ isOnFront }) => isOnFront);
  const labelled = points.length <= mostLabels ? points : front;
  const names = shortNames(labelled.map(({ name }) => name));
  const room = Math.max(width < 480 ? 110 : 170, width * 0.3);
  const longest = Math.max(0, ...names.map((name) => name.length)) * letter + 20;
  // Names that do not fit stand below, and a letter beside their point.
  const isKeyed = longest > room;
  const labels = isKeyed ? names.map((_, place) => letterOf(place)) : names;
  const right = isKeyed ? 48 : Math.max(80, longest);
  const x = (value: number) => frame.left + placeOf(across, value) * Math.max(1, width - frame.left - right);
  const y = (value: number) =>
    frame.top + (1 - Math.min(1, Math.max(0, placeOf(up, value)))) * (height - frame.top - frame.bottom);
  const stairs = front.map((point, place) =>
    place === 0 ? `M${x(point.cost)} ${y(point.score)}` : `H${x(point.cost)}V${y(point.score)}`,
  );
  const places = spread(
    labelled.map((point) => y(point.score)),
    14,
    height - frame.bottom,
  );
  return (
    <Panel
      enlarges={false}
      title={`${score.heading} against cost`}
      line="mean over seeds; on the line no other row is both cheaper and better"
      tools={
        measured.length > 1 && (
          <Select
            aria-label="Cost"
            w={230}
            allowDeselect={false}
            value={cost?.id ?? null}
            onChange={(id) => id && setChosen(id)}
            data={measured.map(({ id, title }) => ({ value: id, label: title }))}
          />
        )
      }
    >
      <div ref={box}>
        {points.length === 0 || !cost ? (
          <Empty height={120}>A point for each row appears with its first result.</Empty>
        ) : (
          width > 0 && (
            <svg
              className={classes.figure}
              width={width}
              height={height}
              role="img"
              aria-label={`${score.heading} against ${cost.title.toLowerCase()}; on the Pareto line: ${front.map(({ name }) => name).join(', ')}`}
            >
              {up.ticks.map((tick) => (
                <g key={tick}>
                  <line x1={frame.left} x2={width - right} y1={y(tick)} y2={y(tick)} stroke="var(--grid)" />
                  <text x={frame.left - 8} y={y(tick) + 4} textAnchor="end">
                    {score.tick(tick)}
                  </text>
                </g>
              ))}
              {across.ticks.map((tick) => (
                <text key={tick} x={x(tick)} y={height - frame.bottom + 16} textAnchor="middle">
                  {shortNumber(tick)}
                </text>
              ))}
              <text x={6} y={11}>
                {score.axis}
              </text>
              <text x={(frame.left + width - right) / 2} y={height - 6} textAnchor="middle">
                {cost.title}
              </text>
              <path
                d={stairs.join('')}
                fill="none"
                stroke="var(--ink-2)"
                strokeWidth="1.5"
                strokeDasharray="5 3"
              />
              {points.map((point) => (
                <g key={point.entry}>
                  <title>{`${point.name}: ${score.text(point.score)} at ${figure(point.cost)}`}</title>
                  {point.interval && (
                    <line
                      x1={x(point.cost)}
                      x2={x(point.cost)}
                      y1={y(point.interval[0])}
                      y2={y(point.interval[1])}
                      stroke="var(--student)"
                      strokeOpacity="0.6"
                      strokeWidth="1.4"
                    />
                  )}
                  <circle
                    cx={x(point.cost)}
                    cy={y(point.score)}
                    r="4.5"
                    fill={point.isOnFront ? 'var(--student)' : 'var(--paper)'}
                    stroke="var(--student)"
                    strokeWidth="1.6"
                  />
                </g>
              ))}
              {labelled.map((point, place) => (
                <g key={point.entry}>
                  <path
                    d={`M${x(point.cost) + 7} ${y(point.score)}L${width - right + 4} ${places[place]!}`}
                    stroke="var(--rule)"
                    fill="none"
                  />
                  <text
                    className={point.isOnFront ? classes.front : undefined}
                    x={width - right + 8}
                    y={places[place]! + 4}
                  >
                    {labels[place]}
                  </text>
                </g>
              ))}
            </svg>
          )
        )}
      </div>
      {isKeyed && (
        <div className={classes.key} data-figure="legend">
          {labelled.map((point, place) => (
            <span key={point.entry} className={point.isOnFront ? classes.onFront : undefined}>
              {labels[place]} {names[place]}
            </span>
          ))}
        </div>
      )}
    </Panel>
  );
}

/** A, B … Z, then A2 … */
function letterOf(place: number): string {
  const round = Math.floor(place / 26);
  return `${String.fromCharCode(65 + (place % 26))}${round > 0 ? round + 1 : ''}`;
}

const units: readonly [number, string][] = [
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k'],
];

function shortNumber(value: number): string {
  const unit = units.find(([size]) => Math.abs(value) >= size);
  return unit
    ? `${Number((value / unit[0]).toPrecision(3))}${unit[1]}`
    : String(Number(value.toPrecision(3)));
}
