import { LineSample } from '../recipe/LineSample';
import { learnerStyles } from '../theme/learner-styles';
import type { FinalScores } from './final-scores';
import classes from './results.module.css';

/** Every score of every learner on the whole test split. */
export function FinalScoresTable({ scores: { columns, rows } }: { scores: FinalScores }) {
  return (
    <div className={classes.factsScroll}>
      <table className={classes.facts} aria-label="Scores on the test split at the end">
        <thead>
          <tr>
            <th scope="col">At the end</th>
            {columns.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ learner, cells }) => (
            <tr key={learner}>
              <th scope="row">
                <LineSample style={learnerStyles[learner]} width={12} /> {learnerStyles[learner].label}
              </th>
              {cells.map((cell, place) => (
                <td key={columns[place]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
