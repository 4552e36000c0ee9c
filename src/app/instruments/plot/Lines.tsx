import { memo, type SVGProps } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, XAxis, YAxis } from 'recharts';
import type { Row } from '../decimate';
import { count } from '../../format';
import type { Frame, PlotProps } from './Plot';
import { tickFormat } from './scale';

type Props = Pick<PlotProps, 'rows' | 'lines' | 'bands' | 'references' | 'scale' | 'steps' | 'formatTick'> & {
  frame: Frame;
  xTicks: number[];
};

/**
 * Straight pieces from point to point, gaps bridged. Recharts' own curve measures its length on every draw, for an
 * animation that is not wanted here.
 */
function straight({ points, stroke, strokeWidth, strokeOpacity, strokeDasharray }: LineShape) {
  let d = '';
  for (const { x, y } of points ?? [])
    if (typeof x === 'number' && typeof y === 'number')
      d += `${d === '' ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
  return (
    <path
      d={d}
      fill="none"
      stroke={stroke}
      strokeWidth={strokeWidth}
      strokeOpacity={strokeOpacity}
      strokeDasharray={strokeDasharray}
      strokeLinejoin="round"
    />
  );
}

interface LineShape extends Pick<
  SVGProps<SVGPathElement>,
  'stroke' | 'strokeWidth' | 'strokeOpacity' | 'strokeDasharray'
> {
  points?: readonly { x: number | null; y: number | null }[];
}

const text = { fill: 'var(--ink-3)', fontSize: 11 };

/** The drawn part of a plot. The pointer, the labels and the cursor are not its business: it only redraws for data. */
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
    return (
      <ComposedChart
        width={frame.width}
        height={frame.height}
        data={rows}
        margin={{ top: frame.top, right: frame.right, bottom: 2, left: 0 }}
        accessibilityLayer={false}
        style={{ pointerEvents: 'none' }}
      >
        <CartesianGrid vertical={false} stroke="var(--grid)" />
        <XAxis
          dataKey="step"
          type="number"
          domain={steps}
          ticks={xTicks}
          allowDataOverflow
          height={frame.bottom - 2}
          tick={text}
          tickFormatter={count}
          tickLine={false}
          tickMargin={6}
          axisLine={{ stroke: 'var(--rule)' }}
          interval={0}
        />
        <YAxis
          type="number"
          scale={scale.kind}
          domain={scale.domain}
          ticks={scale.ticks}
          allowDataOverflow
          width={frame.left}
          tick={text}
          tickFormatter={formatTick}
          tickLine={false}
          axisLine={false}
          interval={0}
        />
        {references.map(({ label, value, colour, dash }) => (
          <ReferenceLine key={label} y={value} stroke={colour} strokeDasharray={dash} strokeWidth={1.5} />
        ))}
        {bands.map(({ low, high, colour, opacity }) => (
          <Area
            key={`${low} ${high}`}
            dataKey={(row: Row) => [row[low], row[high]]}
            stroke="none"
            fill={colour}
            fillOpacity={opacity}
            type="linear"
            isAnimationActive={false}
            activeDot={false}
            connectNulls
          />
        ))}
        {lines.map(({ key, colour, dash, faint }) => (
          <Line
            key={key}
            dataKey={key}
            shape={straight}
            stroke={colour}
            strokeWidth={faint ? 1 : 1.9}
            strokeOpacity={faint ? 0.6 : 1}
            {...(dash === undefined ? {} : { strokeDasharray: dash })}
            strokeLinejoin="round"
            type="linear"
            dot={false}
            activeDot={false}
            isAnimationActive={false}
            connectNulls
          />
        ))}
      </ComposedChart>
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
