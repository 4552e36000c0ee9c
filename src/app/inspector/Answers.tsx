import type { RunRecord } from '../../record/run-record';
import type { InstanceSnapshot, Learner } from '../../training/events';
import { figure } from '../format';
import { LineSample } from '../recipe/LineSample';
import { withUnit } from '../subject/score-format';
import { learnerStyles } from '../theme/learner-styles';
import { ProbabilityBars } from './ProbabilityBars';
import { className, targetAt } from './describe-sample';
import classes from './inspector.module.css';

const order: readonly Learner[] = ['teacher', 'student', 'control', 'hard', 'full', 'rounded'];

interface Props {
  history: RunRecord;
  row: number;
  snapshot: InstanceSnapshot | null;
}

/** What every learner answers for a tracked sample: class probabilities, label probabilities, or numbers. */
export function Answers({ history, row, snapshot }: Props) {
  const { facts, task } = history;
  const values = task.id === 'classification' ? snapshot?.probabilities : snapshot?.answers;
  const learners = order.filter((learner) => values?.[learner]);
  const count = facts?.targets?.names.length ?? facts?.dataset.classes.length ?? 0;
  if (!values || learners.length === 0 || count === 0)
    return <p className={classes.empty}>Predictions appear with the first evaluation.</p>;
  const at = (learner: Learner, place: number) => values[learner]![row * count + place]!;
  if (task.id === 'regression')
    return <NumberAnswers history={history} row={row} learners={learners} at={at} count={count} />;
  const image = history.tracked!.images[row]!;
  const labels = targetAt(history, row, 'truth');
  return (
    <ProbabilityBars
      caption={task.id === 'classification' ? 'Class probabilities' : 'Label probabilities'}
      head={task.id === 'classification' ? 'Class' : 'Label'}
      names={Array.from({ length: count }, (_, place) => className(history, place))}
      learners={learners}
      isTrue={(place) => (task.id === 'classification' ? place === image.trueLabel : labels[place] === 1)}
      at={at}
    />
  );
}

interface NumberProps {
  history: RunRecord;
  row: number;
  learners: readonly Learner[];
  at: (learner: Learner, place: number) => number;
  count: number;
}

/** Numbers with their units, and how far each learner is from the true one. */
function NumberAnswers({ history, row, learners, at, count }: NumberProps) {
  const { names, units } = history.facts!.targets!;
  const truth = targetAt(history, row, 'truth');
  return (
    <div className={classes.answers}>
      <table className={classes.numbersTable}>
        <caption className={classes.hidden}>Predicted numbers</caption>
        <thead>
          <tr>
            <td />
            {names.slice(0, count).map((name) => (
              <th key={name} scope="col" colSpan={2}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr className={classes.truth}>
            <th scope="row">True</th>
            {names.map((name, t) => (
              <td key={name} colSpan={2}>
                {Number.isNaN(truth[t]) ? '–' : withUnit(figure(truth[t]), units[t] ?? '')}
              </td>
            ))}
          </tr>
          {learners.map((learner) => (
            <tr key={learner}>
              <th scope="row">
                <LineSample style={learnerStyles[learner]} width={12} /> {learnerStyles[learner].label}
              </th>
              {names.flatMap((name, t) => [
                <td key={name}>{withUnit(figure(at(learner, t)), units[t] ?? '')}</td>,
                <td key={`${name} error`} className={classes.error}>
                  {Number.isNaN(truth[t]) ? '' : signed(at(learner, t) - truth[t]!)}
                </td>,
              ])}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function signed(value: number): string {
  return value > 0 ? `+${figure(value)}` : figure(value);
}
