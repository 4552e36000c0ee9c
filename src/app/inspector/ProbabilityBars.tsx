import type { Learner } from '../../training/events';
import { percent } from '../format';
import { inkOf, learnerStyles } from '../theme/learner-styles';
import classes from './inspector.module.css';

const most = 10;

interface Props {
  caption: string;
  /** "Class" or "Label" */
  head: string;
  names: readonly string[];
  learners: readonly Learner[];
  isTrue: (place: number) => boolean;
  /** Probability that a learner gives to a class or label. */
  at: (learner: Learner, place: number) => number;
}

/** Probabilities of every learner, class by class or label by label. */
export function ProbabilityBars({ caption, head, names, learners, isTrue, at }: Props) {
  const places = [...names.keys()];
  const highest = (place: number) =>
    Math.max(Number(isTrue(place)), ...learners.map((learner) => at(learner, place)));
  const shown = names.length <= most ? places : places.sort((a, b) => highest(b) - highest(a)).slice(0, most);
  return (
    <div className={classes.answers}>
      <div className={classes.key} aria-hidden="true">
        {learners.map((learner) => (
          <span key={learner}>
            <Bar learner={learner} width="12px" /> {learnerStyles[learner].label}
          </span>
        ))}
      </div>
      <table>
        <caption className={classes.hidden}>{caption}</caption>
        <thead className={classes.hidden}>
          <tr>
            <th scope="col">{head}</th>
            {learners.map((learner) => (
              <th key={learner} scope="col">
                {learnerStyles[learner].label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((place) => (
            <tr key={place} data-true={isTrue(place) || undefined}>
              <th scope="row" title={names[place]}>
                {names[place]}
              </th>
              <td className={classes.bars}>
                {learners.map((learner) => (
                  <Bar
                    key={learner}
                    learner={learner}
                    width={`max(1px, ${(at(learner, place) * 100).toFixed(1)}%)`}
                  />
                ))}
              </td>
              {learners.slice(0, 2).map((learner) => (
                <td key={learner} className={classes.share} style={{ color: inkOf(learner) }}>
                  {percent(at(learner, place), 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Bar({ learner, width }: { learner: Learner; width: string }) {
  const { colour, striped } = learnerStyles[learner];
  return <i className={classes.bar} data-striped={striped} style={{ color: colour, width }} />;
}
