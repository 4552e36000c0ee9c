import { memo, use, useRef, type KeyboardEvent, type PointerEvent, type RefObject } from 'react';
import { count } from '../../format';
import type { Row } from '../decimate';
import type { ChartMark } from '../chart-marks';
import { CursorLine } from './CursorLine';
import { EndLabels } from './EndLabels';
import { Lines } from './Lines';
import { Marks } from './Marks';
import classes from './plot.module.css';
import { niceTicks, type Scale } from './scale';
import { setCursor, useCursor } from './cursor';
import { FigurePlace, useFigureHeight } from './figure-height';
import { useWidth } from './use-width';

export interface PlotLine {
  key: string;
  label: string;
  /** For the narrow place beside the line's end. */
  short?: string;
  colour: string;
  dash?: string;
  /** Thin and pale: a companion of another line. */
  faint?: boolean;
}
export interface PlotBand {
  low: string;
  high: string;
  colour: string;
  opacity: number;
}
export interface PlotReference {
  value: number;
  label: string;
  colour: string;
  dash?: string;
}

export interface PlotProps {
  /** Says what the plot shows. */
  title: string;
  rows: Row[];
  lines: PlotLine[];
  bands?: PlotBand[];
  references?: PlotReference[];
  marks?: readonly ChartMark[];
  scale: Scale;
  /** First and last step of the axis. */
  steps: [number, number];
  format: (value: number) => string;
  /** For the axis, when it wants fewer digits. */
  formatTick?: (value: number) => string;
  /** Unit of the vertical axis, written over it. */
  unit: string;
  /** In pixels on a phone; elsewhere the least. */
  height: number;
  /** Values at a step, for the labels while the pointer is on it. */
  readAt: (step: number) => Record<string, number | null>;
  /** What will appear here, while there is nothing. */
  empty: string;
  /** Narrow margins, for small plots. */
  compact?: boolean;
}

export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
  width: number;
  height: number;
}

/** Lines over steps, with direct labels at their ends and a cursor that all plots share. */
export const Plot = memo(function Plot(props: PlotProps) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const { title, rows, steps, compact = false } = props;
  const height = useFigureHeight(props.height);
  const labelled = use(FigurePlace).saved?.legend !== false;
  const narrow = width < 480;
  const filled = rows.length > 0;
  const frame: Frame = {
    left: 42,
    right: !labelled ? 44 : compact ? 128 : narrow ? (filled ? roomFor(props.lines) : 44) : 148,
    top: 22,
    bottom: 26,
    width,
    height,
  };
  const inner = Math.max(1, width - frame.left - frame.right);
  const stepAt = (x: number) => steps[0] + ((x - frame.left) / inner) * (steps[1] - steps[0]);
  const xTicks = niceTicks(steps[0], steps[1], inner < 320 ? 4 : 6, true);

  return (
    <div
      ref={root}
      data-plot
      className={classes.plot}
      style={{ height }}
      role="group"
      aria-label={title}
      tabIndex={filled ? 0 : -1}
      onPointerMove={(event) => filled && point(event, root, frame, stepAt)}
      onPointerLeave={() => setCursor(null)}
      onBlur={() => setCursor(null)}
      onKeyDown={(event) => filled && walk(event, rows)}
    >
      {width > 0 && (
        <>
          <Lines {...props} frame={frame} xTicks={xTicks} />
          <span className={classes.unit} style={{ left: frame.left }}>
            {props.unit}
          </span>
          <span
            className={classes.stepUnit}
            style={{ left: width - frame.right + 8 + count(steps[1]).length * 3.2 }}
          >
            step
          </span>
          {filled ? (
            <>
              {labelled && <EndLabels {...props} frame={frame} />}
              <Marks marks={props.marks ?? []} frame={frame} steps={steps} />
              <CursorLine frame={frame} steps={steps} />
            </>
          ) : (
            <p className={classes.empty} data-empty style={{ left: frame.left, right: frame.right }}>
              {props.empty}
            </p>
          )}
        </>
      )}
    </div>
  );
});

/** For the labels at the ends of the lines: sample, name and value. */
function roomFor(lines: readonly PlotLine[]): number {
  const letters = Math.max(0, ...lines.map(({ label, short = label }) => short.length));
  return Math.min(150, Math.max(112, 68 + 6.5 * letters));
}

function point(
  event: PointerEvent,
  root: RefObject<HTMLDivElement | null>,
  frame: Frame,
  stepAt: (x: number) => number,
): void {
  const x = event.clientX - (root.current?.getBoundingClientRect().left ?? 0);
  const inside = x >= frame.left - 4 && x <= frame.width - frame.right + 4;
  setCursor(inside ? Math.round(stepAt(x)) : null);
}

function walk(event: KeyboardEvent, rows: readonly Row[]): void {
  const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (by === 0) return;
  event.preventDefault();
  const { step } = useCursor.getState();
  const place = step === null ? rows.length - 1 : rows.findLastIndex((row) => row.step <= step) + by;
  setCursor(rows[Math.min(rows.length - 1, Math.max(0, place))]?.step ?? null);
}
