import { useRef } from 'react';
import type { RouteView } from '../../distill/views';
import type { RunFacts } from '../../training/events';
import { count, figure } from '../format';
import { midSentence } from '../../limits/texts';
import { instanceWords } from '../subject/instance-words';
import { primaryScore, type ScoreFormat } from '../subject/score-format';
import { Panel } from '../instruments/Panel';
import { linearScale } from '../instruments/plot/scale';
import { useWidth } from '../instruments/plot/use-width';
import { Empty } from '../instruments/Empty';
import classes from './method-views.module.css';

const height = 210;
const frame = { left: 46, right: 18, top: 22, bottom: 34 };

/** The teacher's training as a route: its recorded states, the anchors among them, and where the student stands. */
export function RouteFigure({ facts, view }: { facts: RunFacts | null; view: RouteView }) {
  const score = primaryScore(facts);
  const { many } = instanceWords(facts);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const reached = view.anchors.findLastIndex(({ fromStep }) => fromStep !== null);
  const last = view.student.at(-1);
  return (
    <Panel wide title={view.title}>
      <p className={classes.line}>
        The teacher’s {midSentence(score.heading)} after each recorded epoch{measuredOn(view, many)}. Numbered
        points are the anchors (RCO) that the student follows; the filled one teaches now. The gap to the
        present anchor should close before the next one takes over.
        {view.images === 'learned' &&
          ` On its own training ${many} a teacher looks better than it is: with a validation split the route is measured on others.`}
      </p>
      <div ref={box}>
        <Route facts={facts} view={view} width={width} reached={reached} student={last?.accuracy ?? null} />
      </div>
      {view.criterion && <Criterion criterion={view.criterion} states={view.states} />}
      <div className={classes.levels}>
        <table>
          <caption>Anchors</caption>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">Epoch</th>
              <th scope="col">Teacher</th>
              <th scope="col">Teaches from step</th>
              <th scope="col">Gap to the student</th>
              <th scope="col" className={classes.why}>
                Why
              </th>
            </tr>
          </thead>
          <tbody>
            {view.anchors.map((anchor, index) => (
              <tr key={index} data-now={index === reached || undefined}>
                <td>{index + 1}</td>
                <td>{view.states[anchor.state]?.epoch}</td>
                <td>{score.text(view.states[anchor.state]?.accuracy ?? 0)}</td>
                <td>{anchor.fromStep === null ? '–' : count(anchor.fromStep)}</td>
                <td>{last ? figure(last.gaps[index]) : '–'}</td>
                <td className={classes.why}>{anchor.why}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className={classes.line}>
          Gap: mean KL divergence of the student’s predictions from the anchor’s on the same {many}.
          {last
            ? ` The student’s ${midSentence(score.heading)} on them is ${score.text(last.accuracy)}.`
            : ''}
        </p>
      </div>
    </Panel>
  );
}

interface RouteProps {
  facts: RunFacts | null;
  view: RouteView;
  width: number;
  reached: number;
  student: number | null;
}

function Route({ facts, view, width, reached, student }: RouteProps) {
  const { states, anchors } = view;
  if (states.length === 0) return <Empty>The route appears while the teacher is trained.</Empty>;
  const epochs = states.map(({ epoch }) => epoch);
  const [first, last] = [Math.min(0, ...epochs), Math.max(1, ...epochs)];
  const score = primaryScore(facts);
  const where = measuredOn(view, instanceWords(facts).many);
  const values = [...states.map(({ accuracy }) => accuracy), ...(student === null ? [] : [student])];
  const scale = score.isShare
    ? linearScale(Math.min(...values, 0.99), 1)
    : linearScale(Math.min(0, ...values), Math.max(...values));
  const [low, high] = scale.domain;
  const x = (epoch: number) =>
    frame.left + ((epoch - first) / (last - first)) * Math.max(1, width - frame.left - frame.right);
  const y = (accuracy: number) =>
    frame.top + (1 - (accuracy - low) / (high - low)) * (height - frame.top - frame.bottom);
  const path = states.map(({ epoch, accuracy }) => `${x(epoch)},${y(accuracy)}`).join(' ');
  return (
    <svg
      className={classes.route}
      width={width}
      height={height}
      role="img"
      aria-label={describe(view, score, where)}
    >
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line x1={frame.left} x2={width - frame.right} y1={y(tick)} y2={y(tick)} stroke="var(--grid)" />
          <text x={frame.left - 8} y={y(tick) + 4} textAnchor="end">
            {score.tick(tick)}
          </text>
        </g>
      ))}
      <text x={6} y={11}>
        teacher’s {midSentence(score.heading)}
        {where}
      </text>
      <text x={(frame.left + width - frame.right) / 2} y={height - 6} textAnchor="middle">
        epoch of the teacher’s training
      </text>
      <text x={x(first)} y={height - 18} textAnchor="middle">
        {first}
      </text>
      <text x={x(last)} y={height - 18} textAnchor="middle">
        {last}
      </text>
      <polyline points={path} fill="none" stroke="var(--teacher)" strokeWidth={1.5} />
      {states.map(({ epoch, accuracy }) => (
        <circle key={epoch} cx={x(epoch)} cy={y(accuracy)} r={2.5} fill="var(--teacher)" />
      ))}
      {student !== null && (
        <g>
          <line
            x1={frame.left}
            x2={width - frame.right}
            y1={y(student)}
            y2={y(student)}
            stroke="var(--student)"
            strokeDasharray="4 3"
          />
          <text
            className={classes.routeStudent}
            x={width - frame.right - 14}
            y={y(student) + (y(student) > height - frame.bottom - 20 ? -7 : 15)}
            textAnchor="end"
          >
            student now {score.text(student)}
          </text>
        </g>
      )}
      {anchors.map(({ state }, index) => {
        const at = states[state];
        if (!at) return null;
        const now = index === reached;
        return (
          <g key={index} transform={`translate(${x(at.epoch)} ${y(at.accuracy)})`}>
            <circle
              r={9}
              fill={now ? 'var(--teacher)' : 'var(--paper)'}
              stroke="var(--teacher)"
              strokeWidth={1.5}
            />
            <text y={4} textAnchor="middle" style={{ fill: now ? 'var(--paper)' : 'var(--ink)' }}>
              {index + 1}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

/** The greedy search's last choice: the criterion for each state, with its limit. */
function Criterion({
  criterion,
  states,
}: {
  criterion: NonNullable<RouteView['criterion']>;
  states: RouteView['states'];
}) {
  const values = criterion.values.filter((value) => value !== null);
  const most = Math.max(criterion.limit * 1.2, ...values);
  return (
    <div className={classes.criterion} role="group" aria-label={criterion.label}>
      <p className={classes.line}>
        {criterion.label}; the limit is {figure(criterion.limit)}.
      </p>
      <div className={classes.columns}>
        {criterion.values.map((value, index) => (
          <div key={index} title={`epoch ${states[index]?.epoch ?? '?'}: ${figure(value)}`}>
            <i
              data-over={(value !== null && value > criterion.limit) || undefined}
              style={{ height: `${value === null ? 0 : Math.min(100, (value / most) * 100)}%` }}
            />
            <small>{states[index]?.epoch}</small>
          </div>
        ))}
        <b style={{ bottom: `calc(${((criterion.limit / most) * 100).toFixed(1)}% * 0.84 + 16%)` }} />
      </div>
    </div>
  );
}

/** On which images the figure was measured, to stand after what was. */
function measuredOn({ images }: RouteView, many: string): string {
  if (!images) return '';
  return images === 'validation' ? ` on validation ${many}` : ` on ${many} it learned from`;
}

function describe(view: RouteView, score: ScoreFormat, where: string): string {
  const { states, anchors } = view;
  const all = states.map(({ accuracy }) => accuracy);
  const best = score.lowerIsBetter ? Math.min(...all) : Math.max(...all);
  const named = anchors.map(({ state }) => states[state]?.epoch).join(', ');
  return `${states.length} recorded states of the teacher, at best ${score.text(best)}${where}; anchors after epochs ${named}`;
}
