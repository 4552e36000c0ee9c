import type { Learner } from '../../training/events';
import { Explained } from '../glossary/Explained';
import { LineSample } from '../recipe/LineSample';
import type { RunRecord } from '../../record/run-record';
import { learnerStyles } from '../theme/learner-styles';
import classes from './results.module.css';

const order: readonly Learner[] = ['student', 'control', 'hard', 'teacher'];

/** The newest accuracy of every learner, large. */
export function AccuracyReadouts({ history }: { history: RunRecord }) {
  const shares = history.outcome?.final ?? newest(history);
  const learners = order.filter((learner) => shares[learner] !== undefined);
  if (learners.length === 0) return null;
  const where = history.outcome
    ? 'test images'
    : history.evaluated?.split === 'validation'
      ? 'validation images'
      : 'test images';
  return (
    <dl className={classes.accuracies} aria-label={`Accuracy on the ${where}`}>
      {learners.map((learner) => (
        <div key={learner} className={classes.accuracy}>
          <dt>
            <LineSample style={learnerStyles[learner]} />
            <Explained term={learner === 'hard' ? 'hardLabels' : learner}>
              {learnerStyles[learner].label}
            </Explained>
          </dt>
          <dd>
            {(shares[learner]! * 100).toFixed(1)}
            <small>{'\u2009%'}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function newest(history: RunRecord): Partial<Record<Learner, number>> {
  const table = history.evaluations[history.phase];
  const shares: Partial<Record<Learner, number>> = {};
  for (const learner of order) {
    const value = table.column(learner).findLast((share) => !Number.isNaN(share));
    if (value !== undefined) shares[learner] = value;
  }
  return shares;
}
