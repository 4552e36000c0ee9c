import { ActionIcon } from '@mantine/core';
import { rowOfRun } from '../../experiment/fair-row';
import { fairnessSentences } from '../../experiment/fairness';
import type { RunRecord } from '../../record/run-record';
import { ownLine, type Compared } from '../instruments/overlay';
import { useCompared } from '../instruments/use-compared';
import { LineSample } from '../recipe/LineSample';
import { differencesAmong, type Differing } from '../recipe/differences';
import { useRunVersion } from '../redraw/use-redraw';
import { Icon } from '../shell/icons';
import { useLibrary, useRunEntries, useView } from '../store/hooks';
import { primaryScore } from '../subject/score-format';
import { fairRunOf } from './fair-run';
import classes from './compared-runs.module.css';

/** What the runs that are laid over each other reached, what sets them apart, and what to mind. */
export function ComparedRuns({ history }: { history: RunRecord }) {
  const compared = useCompared(history);
  return compared.length > 0 && <Comparison history={history} compared={compared} />;
}

function Comparison({ history, compared }: { history: RunRecord; compared: readonly Compared[] }) {
  useRunVersion();
  const runs = useRunEntries();
  const set = useView((state) => state.set);
  const chosen = useView((state) => state.compared);
  const toggle = useView((state) => state.compare);
  const view = useLibrary((state) => state.viewRun);
  const number = runs.find(({ id }) => id === history.id)?.number ?? 0;
  const columns = [{ number, history, style: ownLine }, ...compared.map((run) => ({ ...run, style: run }))];
  const nameOf = (id: string) => runs.find((run) => run.id === id)?.name ?? '';
  const ownSetOf = (id: string) => {
    const dataset = runs.find((run) => run.id === id)?.dataset;
    return dataset?.kind === 'stored' ? dataset.hash.slice(0, 8) : undefined;
  };
  const records = columns.map((column) => column.history);
  const scores = scoreRows(records);
  const rows = differencesAmong(records.map(({ recipe }) => recipe));
  const mind = fairnessSentences(
    columns.map((column) =>
      rowOfRun(`run ${column.number}`, fairRunOf(column.history), ownSetOf(column.history.id)),
    ),
    'runs',
  );
  return (
    <section className={classes.compared} aria-label="Compared runs">
      <div className={classes.head}>
        <h3>Compared runs</h3>
        <button type="button" onClick={() => set({ compared: [] })}>
          Stop comparing
        </button>
      </div>
      <div className={classes.scroll} tabIndex={0} role="group" aria-label="What differs">
        <table>
          <thead>
            <tr>
              <th scope="col">What differs</th>
              {columns.map((column, place) => (
                <th key={column.history.id} scope="col">
                  <span className={classes.run}>
                    <LineSample style={column.style} width={26} />
                    {place === 0 ? (
                      <b>Run {column.number}, shown</b>
                    ) : (
                      <>
                        <button
                          type="button"
                          title="Show this run"
                          onClick={() => {
                            // The run in view stays in the comparison when it gives way.
                            if (!chosen.includes(history.id)) toggle(history.id);
                            view(column.history.id);
                          }}
                        >
                          Run {column.number}
                        </button>
                        <ActionIcon
                          size={20}
                          aria-label={`Stop comparing run ${column.number}`}
                          onClick={() => toggle(column.history.id)}
                        >
                          <Icon name="close" size={12} />
                        </ActionIcon>
                      </>
                    )}
                  </span>
                  <small>{nameOf(column.history.id)}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...scores, ...rows].map((row, place, all) => (
              <Row
                key={`${row.section} ${row.label}`}
                row={row}
                begins={all[place - 1]?.section !== row.section}
                strong={place < scores.length}
              />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <p className={classes.line}>These runs have the same recipe.</p>}
      {mind.length > 0 && (
        <div className={classes.mind}>
          <h4>Mind when you compare</h4>
          <ul>
            {mind.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

interface RowProps {
  row: Differing;
  /** Whether it is the first one of its section. */
  begins: boolean;
  strong: boolean;
}

function Row({ row: { section, label, values }, begins, strong }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <small className={begins ? undefined : classes.hidden}>{section} </small>
        {label}
      </th>
      {values.map((value, place) => (
        <td key={place}>{value === null ? '–' : strong ? <b>{value}</b> : value}</td>
      ))}
    </tr>
  );
}

/** What the runs came to: of the end where there is one, else of the last measurement. */
function scoreRows(records: readonly RunRecord[]): Differing[] {
  const headings = new Set(records.map(({ facts }) => primaryScore(facts).heading));
  const all = records.map((record) => {
    const score = primaryScore(record.facts);
    const newest = (learner: 'student' | 'control') =>
      record.outcome?.final[learner] ??
      record.evaluations.student.column(learner).findLast((value) => !Number.isNaN(value));
    const [student, control] = [newest('student'), newest('control')];
    return {
      student: student === undefined ? null : score.text(student),
      gain:
        student === undefined || control === undefined ? null : score.signed(score.gain(student, control)),
    };
  });
  const rows = [
    {
      section: 'Result',
      label: headings.size === 1 ? [...headings][0]! : 'Score',
      values: all.map(({ student }) => student),
    },
    { section: 'Result', label: 'Gain over its baseline', values: all.map(({ gain }) => gain) },
  ];
  return rows.filter(({ values }) => values.some((value) => value !== null));
}
