import { memo } from 'react';
import { count, percent } from '../format';
import type { Confusion, Learner } from '../../training/events';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { learnerStyles } from '../theme/learner-styles';
import tables from './confusions.module.css';
import { Empty } from './Empty';
import { Panel } from './Panel';

/** More classes than this do not fit as numbers. */
const most = 24;
const shown: readonly Learner[] = ['student', 'teacher', 'control'];

export const Confusions = memo(function Confusions({ history }: { history: RunRecord }) {
  const [, ref] = usePanelVersion<HTMLElement>();
  const names = history.facts?.dataset.classes ?? [];
  const learners = shown.filter((learner) => history.confusion[learner]).slice(0, 2);
  return (
    <Panel
      ref={ref}
      wide
      title="Confusion matrix"
      line={history.evaluated ? `at step ${count(history.evaluated.step)}` : undefined}
    >
      {learners.length === 0 || names.length > most ? (
        <Empty>
          {names.length > most
            ? `Confusion matrices are shown for up to ${most} classes; this set has ${names.length}.`
            : 'Confusion matrices appear with the first evaluation.'}
        </Empty>
      ) : (
        <div className={tables.matrices}>
          {learners.map((learner) => (
            <Matrix key={learner} learner={learner} counts={history.confusion[learner]!} names={names} />
          ))}
        </div>
      )}
    </Panel>
  );
});

function Matrix({ learner, counts, names }: { learner: Learner; counts: Confusion; names: string[] }) {
  const size = names.length;
  const long = names.some((name) => name.length > 2);
  return (
    <div className={tables.matrix}>
      <table>
        <caption>{learnerStyles[learner].label}: true class by row, predicted class by column</caption>
        <thead>
          <tr>
            <td />
            {names.map((name) => (
              <th key={name} scope="col" title={name} data-long={long || undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name, row) => {
            const cells = counts.slice(row * size, (row + 1) * size);
            const total = cells.reduce((sum, value) => sum + value, 0);
            return (
              <tr key={name}>
                <th scope="row" title={name}>
                  {name}
                </th>
                {cells.map((value, column) => (
                  <Cell
                    key={names[column]}
                    value={value}
                    share={total > 0 ? value / total : 0}
                    right={row === column}
                    title={`${name} predicted as ${names[column]}: ${value} of ${total}`}
                  />
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Right answers in the student's colour, wrong ones in the colour of warnings. */
function Cell({
  value,
  share,
  right,
  title,
}: {
  value: number;
  share: number;
  right: boolean;
  title: string;
}) {
  const colour = right ? 'var(--right)' : 'var(--wrong)';
  const strength = right ? share * 62 : Math.min(80, share * 160);
  return (
    <td
      title={`${title} (${percent(share, 0)})`}
      style={{
        background:
          value > 0 ? `color-mix(in srgb, ${colour} ${strength.toFixed(0)}%, var(--field))` : 'var(--field)',
      }}
    >
      {value > 0 ? value : ''}
    </td>
  );
}
