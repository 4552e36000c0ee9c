import { useRunVersion } from '../redraw/use-redraw';
import { axisOf } from '../instruments/step-axis';
import type { RunRecord } from '../../record/run-record';
import { summaryOf } from '../../record/summary';
import type { RunEntry } from '../store/library/library-store';
import { learnerStyles } from '../theme/learner-styles';

const [width, height] = [92, 26];

/** Student and control over the run, without axes: only the shape. */
export function Sparkline({ record, live }: { record: RunRecord; live: boolean }) {
  return live ? <LiveCurve record={record} /> : <RecordCurve record={record} />;
}

function LiveCurve({ record }: { record: RunRecord }) {
  useRunVersion();
  return <RecordCurve record={record} />;
}

function RecordCurve({ record }: { record: RunRecord }) {
  const { curve, steps } = summaryOf(record);
  return <StoredSparkline curve={{ ...curve, planned: steps }} />;
}

/** The same for a run whose numbers have not been read from the storage. */
export function StoredSparkline({ curve }: { curve: NonNullable<RunEntry['curve']> }) {
  const { steps, planned } = curve;
  const points = (values: readonly (number | null)[]) =>
    steps.map((step, i): Point => [step, values[i] ?? null]);
  const [, last] = axisOf(planned, steps.at(-1) ?? 0);
  return <Lines last={last} student={points(curve.student)} control={points(curve.control)} />;
}

/** A step and an accuracy, 0..1. */
type Point = [number, number | null];

function Lines({ last, student, control }: { last: number; student: Point[]; control: Point[] }) {
  const path = (points: Point[]) =>
    points
      .filter(([, accuracy]) => accuracy !== null)
      .map(([step, accuracy], place) => {
        const x = ((step / last) * width).toFixed(1);
        return `${place === 0 ? 'M' : 'L'}${x} ${((1 - accuracy!) * (height - 3) + 1.5).toFixed(1)}`;
      })
      .join('');
  return (
    <svg width={width} height={height} aria-hidden="true" focusable="false">
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--rule)" />
      <path
        d={path(control)}
        fill="none"
        stroke={learnerStyles.control.colour}
        strokeWidth="1.4"
        strokeDasharray="4 2"
      />
      <path d={path(student)} fill="none" stroke={learnerStyles.student.colour} strokeWidth="1.6" />
    </svg>
  );
}
