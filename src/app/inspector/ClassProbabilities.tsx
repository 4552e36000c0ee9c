import type { InstanceSnapshot, Learner } from '../../training/events';
import { LineSample } from '../recipe/LineSample';
import { percent } from '../format';
import type { RunRecord } from '../../record/run-record';
import { learnerStyles } from '../theme/learner-styles';
import { className } from './describe-image';
import classes from './inspector.module.css';

const order: readonly Learner[] = ['teacher', 'student', 'control', 'hard'];
const most = 10;

/** A line's colour is too light for small figures. */
const inkOf = (learner: Learner) => `color-mix(in srgb, ${learnerStyles[learner].colour} 60%, var(--ink))`;

interface Props {
  history: RunRecord;
  row: number;
  snapshot: InstanceSnapshot | null;
}

/** Class probabilities of every learner, class by class. */
export function ClassProbabilities({ history, row, snapshot }: Props) {
  const count = history.facts?.dataset.classes.length ?? 0;
  const learners = order.filter((learner) => snapshot?.probabilities[learner]);
  if (learners.length === 0 || count === 0)
    return <p className={classes.empty}>Predictions appear with the first evaluation.</p>;
  const share = (learner: Learner, label: number) => snapshot!.probabilities[learner]![row * count + label]!;
  const image = history.watched!.images[row]!;
  const labels = Array.from({ length: count }, (_, label) => label);
  const highest = (label: number) => Math.max(...learners.map((learner) => share(learner, label)));
  const shown = count <= most ? labels : labels.sort((a, b) => highest(b) - highest(a)).slice(0, most);
  return (
    <div className={classes.answers}>
      <div className={classes.key} aria-hidden="true">
        {learners.map((learner) => (
          <span key={learner}>
            <LineSample style={{ colour: learnerStyles[learner].colour }} width={12} />{' '}
            {learnerStyles[learner].label}
          </span>
        ))}
      </div>
      <table>
        <caption className={classes.hidden}>Class probabilities</caption>
        <thead className={classes.hidden}>
          <tr>
            <th scope="col">Class</th>
            {learners.map((learner) => (
              <th key={learner} scope="col">
                {learnerStyles[learner].label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((label) => (
            <tr key={label} data-true={label === image.trueLabel || undefined}>
              <th scope="row" title={className(history, label)}>
                {className(history, label)}
              </th>
              <td className={classes.bars}>
                {learners.map((learner) => (
                  <i
                    key={learner}
                    style={{
                      background: learnerStyles[learner].colour,
                      width: `max(1px, ${(share(learner, label) * 100).toFixed(1)}%)`,
                    }}
                  />
                ))}
              </td>
              {learners.slice(0, 2).map((learner) => (
                <td key={learner} className={classes.share} style={{ color: inkOf(learner) }}>
                  {percent(share(learner, label), 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
