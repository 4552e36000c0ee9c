import { useRunVersion } from '../redraw/use-redraw';
import type { TaskId } from '../../data/dataset';
import { taskAboutOf, type ScoreAbout } from '../../distill/tasks/about';
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
  return <StoredSparkline curve={{ ...curve, planned: steps }} task={record.task.id} />;
}

/** The same for a run whose numbers have not been read from the storage. */
export function StoredSparkline({
  curve,
  task,
}: {
  curve: NonNullable<RunEntry['curve']>;
  task: TaskId | undefined;
}) {
  const { steps, planned } = curve;
  const points = (values: readonly (number | null)[]) =>
    steps.map((step, i): Point => [step, values[i] ?? null]);
  const [, last] = axisOf(planned, steps.at(-1) ?? 0);
  const range = rangeOf(taskAboutOf({ ...(task ? { task } : {}) }).scores[0], curve);
  return <Lines last={last} range={range} student={points(curve.student)} control={points(curve.control)} />;
}

/** A step and a score. */
type Point = [number, number | null];

/** Shares from 0 to 1; errors from 0 to the highest. */
function rangeOf(
  { unit }: ScoreAbout,
  { student, control }: NonNullable<RunEntry['curve']>,
): [number, number] {
  if (unit === 'share') return [0, 1];
  const values = [...student, ...control].filter((value) => value !== null && Number.isFinite(value));
  const high = Math.max(0, ...(values as number[]));
  return [0, high > 0 ? high : 1];
}

function Lines({
  last,
  range: [low, high],
  student,
  control,
}: {
  last: number;
  range: [number, number];
  student: Point[];
  control: Point[];
}) {
  const path = (points: Point[]) =>
    points
      .filter(([, score]) => score !== null)
      .map(([step, score], place) => {
        const x = ((step / last) * width).toFixed(1);
        return `${place === 0 ? 'M' : 'L'}${x} ${((1 - (score! - low) / (high - low)) * (height - 3) + 1.5).toFixed(1)}`;
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
