import { count, figure } from '../format';
import { partStyle } from '../instruments/names';
import { Panel } from '../instruments/Panel';
import { className } from '../inspector/describe-sample';
import type { RunRecord } from '../../record/run-record';
import classes from './method-views.module.css';

/** More classes than this do not fit. */
const most = 24;

/** Mean weight of each hint by class, over the tracked samples. */
export function ClassWeights({ history }: { history: RunRecord }) {
  const images = history.tracked?.images ?? [];
  const size = history.facts?.dataset.classes.length ?? 0;
  const { latest } = history.snapshots;
  if (!latest || size === 0 || size > most) return null;
  const means = history.hintKeys.map((key) => byClass(history, key, size));
  const high = Math.max(1e-9, ...means.flat().filter(Number.isFinite));
  return (
    <Panel
      wide
      title="Hint weights by class"
      line={`mean over the tracked samples, at step ${count(latest.step)}`}
    >
      <p className={classes.line}>
        A class with a low weight is one for which this loss does not help on the meta set.
      </p>
      <div className={classes.answers}>
        <div className={classes.scroll}>
          <table>
            <thead>
              <tr>
                <td />
                {Array.from({ length: size }, (_, label) => (
                  <th key={label} scope="col">
                    {className(history, label)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {history.hintKeys.map((key, h) => (
                <tr key={key}>
                  <th scope="row">{partStyle(history, key).label}</th>
                  {means[h]!.map((mean, label) => (
                    <td
                      key={label}
                      title={`${images.filter((image) => image.trueLabel === label).length} tracked samples`}
                      style={
                        Number.isFinite(mean)
                          ? {
                              background: `color-mix(in srgb, ${partStyle(history, key).colour} ${((mean / high) * 55).toFixed(0)}%, var(--field))`,
                            }
                          : undefined
                      }
                    >
                      {Number.isFinite(mean) ? figure(mean) : '–'}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </Panel>
  );
}

/** [C] means, NaN for a class without a tracked sample. */
function byClass(history: RunRecord, key: string, size: number): number[] {
  const weights = history.snapshots.newest(`weight:${key}`);
  const sums = new Array<number>(size).fill(0);
  const counts = new Array<number>(size).fill(0);
  history.tracked?.images.forEach(({ trueLabel }, row) => {
    if (!weights) return;
    if (trueLabel < 0) return;
    sums[trueLabel]! += weights[row]!;
    counts[trueLabel]! += 1;
  });
  return sums.map((sum, label) => (counts[label]! > 0 ? sum / counts[label]! : Number.NaN));
}
