import { useRunVersion } from '../run/use-run';
import { stepsOf } from '../run/axis';
import { decimate } from '../run/decimate';
import type { RunRecord } from '../../record/run-record';
import type { RunEntry } from '../store/runs';
import { people } from '../theme/people';

const [width, height] = [92, 26];

/** Student and control over the run, without axes: only the shape. */
export function Sparkline({ history, live }: { history: RunRecord; live: boolean }) {
  return live ? <LiveCurve history={history} /> : <Curve history={history} />;
}

function LiveCurve({ history }: { history: RunRecord }) {
  useRunVersion();
  return <Curve history={history} />;
}

function Curve({ history }: { history: RunRecord }) {
  const rows = decimate(history.evaluations.student, ['student', 'control'], { maxRows: 60 });
  const [, last] = stepsOf(history, 'student');
  const points = (key: 'student' | 'control') => rows.map((row): Point => [row.step, row[key] ?? null]);
  return <Lines last={last} student={points('student')} control={points('control')} />;
}

/** The same for a run whose numbers have not been read from the storage. */
export function StoredSparkline({ curve }: { curve: NonNullable<RunEntry['curve']> }) {
  const { steps, planned } = curve;
  const points = (values: readonly (number | null)[]) =>
    steps.map((step, i): Point => [step, values[i] ?? null]);
  return (
    <Lines
      last={Math.max(planned, steps.at(-1) ?? 0, 1)}
      student={points(curve.student)}
      control={points(curve.control)}
    />
  );
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
        stroke={people.control.colour}
        strokeWidth="1.4"
        strokeDasharray="4 2"
      />
      <path d={path(student)} fill="none" stroke={people.student.colour} strokeWidth="1.6" />
    </svg>
  );
}
