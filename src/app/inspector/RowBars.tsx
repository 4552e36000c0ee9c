import { count, figure } from '../format';
import { standardised, type ColumnScale } from '../subject/row-picture';
import classes from './inspector.module.css';

/** Longer rows are cut, with a word that they are. */
const most = 64;
/** Deviations from the mean at either end of a bar's place. */
const reach = 3;

/** Whole numbers as the file has them: marks, counts. */
function numberText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? count(value).replace('-', '−') : figure(value);
}

/**
 * A row of a table: a bar per column, in standard deviations from the mean, and its value as the file has it.
 * @param values [names]
 */
export function RowBars({
  names,
  values,
  scale,
}: {
  names: readonly string[];
  values: ArrayLike<number>;
  scale: ColumnScale;
}) {
  return (
    <div className={classes.columns}>
      <table>
        <caption>
          Bars: standard deviations from the mean of the tracked samples, {`−${reach} to ${reach}`}
        </caption>
        <tbody>
          {names.slice(0, most).map((name, column) => {
            const z = standardised(scale, column, values[column]!);
            const share = Math.min(1, Math.abs(z) / reach) * 50;
            return (
              <tr key={name}>
                <th scope="row" title={name}>
                  {name}
                </th>
                <td className={classes.columnBar} title={`${figure(z)} standard deviations from the mean`}>
                  <i data-below={z < 0 || undefined} style={{ width: `${share.toFixed(1)}%` }} />
                </td>
                <td className={classes.share}>{numberText(values[column]!)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {names.length > most && (
        <p className={classes.empty}>
          The first {most} of {names.length} columns.
        </p>
      )}
    </div>
  );
}
