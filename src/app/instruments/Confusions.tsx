import { memo, useRef, useState, type KeyboardEvent } from 'react';
import { count, percent } from '../format';
import type { Confusion, Learner } from '../../training/events';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { instanceWords } from '../subject/instance-words';
import { learnerStyles } from '../theme/learner-styles';
import { CellImages } from './CellImages';
import { cellBeside, type ConfusionCell } from './confusion-cells';
import tables from './confusions.module.css';
import { Empty } from './Empty';
import { Panel } from './Panel';
import { useShownRuns } from './RunGrid';

/** More classes than this do not fit as numbers. */
const most = 24;
const shown: readonly Learner[] = ['student', 'teacher', 'control', 'hard', 'full', 'rounded'];

/** Counts of true and predicted classes; a cell shows its images. */
export const Confusions = memo(function Confusions({ history }: { history: RunRecord }) {
  const [, ref] = usePanelVersion<HTMLElement>();
  const [chosen, setChosen] = useState<ConfusionCell | null>(null);
  const names = history.facts?.dataset.classes ?? [];
  const learners = shown.filter((learner) => history.confusion[learner]);
  const opens = history.samples !== null;
  // Matrices of other classes have nothing in common with these.
  const [own, ...compared] = useShownRuns(history);
  const others = compared.filter(
    (run) =>
      run.history.confusion.student && run.history.facts?.dataset.classes.join('\n') === names.join('\n'),
  );
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
        <>
          <p className={tables.line}>
            Rows are true classes, columns predicted ones.
            {opens && ` Choose a cell to see its ${instanceWords(history.facts).many}.`}
          </p>
          <div className={tables.matrices}>
            {learners.map((learner) => (
              <Matrix
                key={learner}
                learner={learner}
                title={`${learnerStyles[learner].label}${others.length > 0 ? `, run ${own!.number}` : ''}`}
                counts={history.confusion[learner]!}
                names={names}
                chosen={chosen?.learner === learner ? chosen : null}
                onChoose={opens ? setChosen : null}
              />
            ))}
            {others.map(({ number, apart, history: other }) => (
              <Matrix
                key={other.id}
                learner="student"
                title={`Student, run ${number}${apart && `: ${apart}`}`}
                counts={other.confusion.student!}
                names={names}
                chosen={null}
                onChoose={null}
              />
            ))}
          </div>
          {opens && chosen && <CellImages history={history} cell={chosen} />}
        </>
      )}
    </Panel>
  );
});

interface MatrixProps {
  learner: Learner;
  title: string;
  counts: Confusion;
  names: string[];
  chosen: ConfusionCell | null;
  /** Null in a run that does not say which images it measured. */
  onChoose: ((cell: ConfusionCell) => void) | null;
}

const directions: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function Matrix({ learner, title, counts, names, chosen, onChoose }: MatrixProps) {
  const size = names.length;
  const long = names.some((name) => name.length > 2);
  const table = useRef<HTMLTableElement>(null);
  /** The cell that the tab key leads to; arrows lead on from there. */
  const [reached, setReached] = useState<Pick<ConfusionCell, 'row' | 'column'> | null>(null);
  const first = counts.findIndex((value) => value > 0);
  const stop =
    reached && counts[reached.row * size + reached.column]! > 0
      ? reached
      : { row: Math.floor(first / size), column: first % size };
  const onKey = (event: KeyboardEvent) => {
    const direction = directions[event.key];
    const next = direction && cellBeside(counts, size, stop, direction);
    if (!direction) return;
    event.preventDefault();
    if (!next) return;
    setReached(next);
    table.current?.querySelector<HTMLElement>(`[data-place="${next.row}/${next.column}"]`)?.focus();
  };
  return (
    <div className={tables.matrix}>
      <table
        ref={table}
        aria-label={`${title}: true class by row, predicted class by column`}
        onKeyDown={onKey}
      >
        {/* A saved figure has no line above it that says so. */}
        <caption>
          {title} <small>true ↓ predicted →</small>
        </caption>
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
                    place={`${row}/${column}`}
                    chosen={chosen?.row === row && chosen.column === column}
                    isStop={stop.row === row && stop.column === column}
                    onChoose={
                      onChoose &&
                      (() => {
                        setReached({ row, column });
                        onChoose({ learner, row, column });
                      })
                    }
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

interface CellProps {
  value: number;
  /** Of its row, 0..1. */
  share: number;
  right: boolean;
  title: string;
  /** Tells cells of a table apart. */
  place: string;
  chosen: boolean;
  isStop: boolean;
  onChoose: (() => void) | null;
}

/** Correct predictions in the student's colour, wrong ones in the colour of warnings. */
function Cell({ value, share, right, title, place, chosen, isStop, onChoose }: CellProps) {
  const colour = right ? 'var(--right)' : 'var(--wrong)';
  const strength = right ? share * 62 : Math.min(80, share * 160);
  const words = `${title} (${percent(share, 0)})`;
  return (
    <td
      title={words}
      style={{
        background:
          value > 0 ? `color-mix(in srgb, ${colour} ${strength.toFixed(0)}%, var(--field))` : 'var(--field)',
      }}
    >
      {value > 0 && onChoose ? (
        <button
          type="button"
          data-place={place}
          tabIndex={isStop ? 0 : -1}
          aria-label={`${words}: show them`}
          aria-pressed={chosen}
          onClick={onChoose}
        >
          {value}
        </button>
      ) : (
        value > 0 && value
      )}
    </td>
  );
}
