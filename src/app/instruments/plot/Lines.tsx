import { area, line } from 'd3-shape';
import { memo, useId } from 'react';
import type { Row } from '../decimate';
import { count } from '../../format';
import type { Frame, PlotProps } from './Plot';
import { shareOf, tickFormat } from './scale';

type Props = Pick<PlotProps, 'rows' | 'lines' | 'bands' | 'references' | 'scale' | 'steps' | 'formatTick'> & {
  frame: Frame;
  xTicks: number[];
};

/** Digits behind the point of a place in pixels. */
const digits = 1;

/**
 * The drawn part of a plot: grid, axes, and straight pieces from point to point, gaps bridged. The pointer, the labels and the
 * cursor are not its business: it only redraws for data. Plain SVG and no chart of a library, which would lay each plot out
 * twice in the task that adds it, to find places that are known here.
 */
export const Lines = memo(
  function Lines({
    rows,
    lines,
    bands = [],
    references = [],
    scale,
    steps,
    formatTick = tickFormat(scale),
    frame,
    xTicks,
  }: Props) {
    const clip = useId();
    const { left, top, width, height } = frame;
    const right = Math.max(left, width - frame.right);
    const bottom = Math.max(top, height - frame.bottom);
    const xOf = (step: number) =>
      left + ((step - steps[0]) / Math.max(1, steps[1] - steps[0])) * (right - left);
    const yOf = (value: number) => bottom - shareOf(scale, value) * (bottom - top);
    const [low, high] = scale.domain;
    return (
      <svg width={width} height={height} aria-hidden="true" focusable="false" style={{ display: 'block' }}>
        <defs>
          <clipPath id={clip}>
            <rect x={left} y={top} width={right - left} height={bottom - top} />
          </clipPath>
        </defs>
        <g stroke="var(--grid)">
          {scale.ticks.map((tick) => (
            <line key={tick} x1={left} x2={right} y1={yOf(tick)} y2={yOf(tick)} />
          ))}
        </g>
        <g clipPath={`url(#${clip})`} fill="none">
          {bands.map(({ low: from, high: to, colour, opacity }) => (
            <path
              key={`${from} ${to}`}
              d={bandOf(rows, from, to, xOf, yOf)}
              fill={colour}
              fillOpacity={opacity}
            />
          ))}
        </g>
        {references
          .filter(({ value }) => value >= low && value <= high)
          .map(({ label, value, colour, dash }) => (
            <line
              key={label}
              x1={left}
              x2={right}
              y1={yOf(value)}
              y2={yOf(value)}
              stroke={colour}
              strokeDasharray={dash}
              strokeWidth={1.5}
            />
          ))}
        <g clipPath={`url(#${clip})`} fill="none" strokeLinejoin="round">
          {lines.map(({ key, colour, dash, faint }) => (
            <path
              key={key}
              d={lineOf(rows, key, xOf, yOf)}
              stroke={colour}
              strokeWidth={faint ? 1 : 1.9}
              strokeOpacity={faint ? 0.6 : 1}
              strokeDasharray={dash}
            />
          ))}
        </g>
        <line x1={left} x2={right} y1={bottom} y2={bottom} stroke="var(--rule)" />
        <g fill="var(--ink-3)" fontSize={11}>
          {xTicks.map((tick) => (
            <text key={`x ${tick}`} x={xOf(tick)} y={bottom + 12} dy="0.71em" textAnchor="middle">
              {count(tick)}
            </text>
          ))}
          {scale.ticks.map((tick) => (
            <text key={`y ${tick}`} x={left - 8} y={yOf(tick)} dy="0.355em" textAnchor="end">
              {formatTick(tick)}
            </text>
          ))}
        </g>
      </svg>
    );
  },
  (before, after) =>
    before.rows === after.rows &&
    before.frame.width === after.frame.width &&
    before.frame.height === after.frame.height &&
    before.scale === after.scale &&
    before.lines === after.lines &&
    before.steps[1] === after.steps[1],
);

type Place = (value: number) => number;

/** Empty where no row has a value. */
function lineOf(rows: readonly Row[], key: string, xOf: Place, yOf: Place): string {
  const known = rows.filter((row) => isNumber(row[key]));
  const path = line<Row>(
    ({ step }) => xOf(step),
    (row) => yOf(row[key]!),
  );
  return path.digits(digits)(known) ?? '';
}

/** As `lineOf`, between two values of each row. */
function bandOf(rows: readonly Row[], low: string, high: string, xOf: Place, yOf: Place): string {
  const known = rows.filter((row) => isNumber(row[low]) && isNumber(row[high]));
  const path = area<Row>(
    ({ step }) => xOf(step),
    (row) => yOf(row[low]!),
    (row) => yOf(row[high]!),
  );
  return path.digits(digits)(known) ?? '';
}

function isNumber(value: number | null | undefined): boolean {
  return Number.isFinite(value);
}
