import { useRunVersion } from '../run/use-run';
import { stepsOf } from '../run/axis';
import { decimate } from '../run/decimate';
import type { RunHistory } from '../run/history';
import { people } from '../theme/people';

const [width, height] = [92, 26];

/** Student and control over the run, without axes: only the shape. */
export function Sparkline({ history, live }: { history: RunHistory; live: boolean }) {
  return live ? <LiveCurve history={history} /> : <Curve history={history} />;
}

function LiveCurve({ history }: { history: RunHistory }) {
  useRunVersion();
  return <Curve history={history} />;
}

function Curve({ history }: { history: RunHistory }) {
  const table = history.evaluations.student;
  const rows = decimate(table, ['student', 'control'], { maxRows: 60 });
  const [, last] = stepsOf(history, 'student');
  const path = (key: 'student' | 'control') =>
    rows
      .filter((row) => typeof row[key] === 'number')
      .map((row, place) => {
        const x = ((row.step / last) * width).toFixed(1);
        return `${place === 0 ? 'M' : 'L'}${x} ${((1 - (row[key] as number)) * (height - 3) + 1.5).toFixed(1)}`;
      })
      .join('');
  return (
    <svg width={width} height={height} aria-hidden="true" focusable="false">
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--rule)" />
      <path
        d={path('control')}
        fill="none"
        stroke={people.control.colour}
        strokeWidth="1.4"
        strokeDasharray="4 2"
      />
      <path d={path('student')} fill="none" stroke={people.student.colour} strokeWidth="1.6" />
    </svg>
  );
}
