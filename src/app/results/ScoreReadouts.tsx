import type { Learner } from '../../training/events';
import { Explained } from '../glossary/Explained';
import { LineSample } from '../recipe/LineSample';
import type { RunRecord } from '../../record/run-record';
import { instanceWords } from '../subject/instance-words';
import { primaryScore } from '../subject/score-format';
import { learnerStyles } from '../theme/learner-styles';
import classes from './results.module.css';

const order: readonly Learner[] = ['student', 'control', 'hard', 'full', 'rounded', 'teacher'];

/** The newest score of every learner, large. */
export function ScoreReadouts({ history }: { history: RunRecord }) {
  const shares = history.outcome?.final ?? newest(history);
  const learners = order.filter((learner) => shares[learner] !== undefined);
  if (learners.length === 0) return null;
  const score = primaryScore(history.facts);
  const split = !history.outcome && history.evaluated?.split === 'validation' ? 'validation' : 'test';
  return (
    <dl
      className={classes.accuracies}
      aria-label={`${score.heading} on the ${split} ${instanceWords(history.facts).many}`}
    >
      {learners.map((learner) => (
        <div key={learner} className={classes.accuracy}>
          <dt>
            <LineSample style={learnerStyles[learner]} />
            <Explained term={learner === 'hard' ? 'hardLabels' : learner}>
              {learnerStyles[learner].label}
            </Explained>
          </dt>
          <dd>
            {score.parts(shares[learner]!)[0]}
            <Unit unit={score.parts(shares[learner]!)[1]} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A degree sign stands at its number, as large as that; other units are small and a little apart. */
function Unit({ unit }: { unit: string }) {
  if (unit === '' || unit === '°') return unit;
  return <small>{`\u2009${unit}`}</small>;
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
