import { Button } from '@mantine/core';
import type { RunRecord } from '../../record/run-record';
import { Explained } from '../glossary/Explained';
import { LineSample } from '../recipe/LineSample';
import { useLibrary, useRuns } from '../store/hooks';
import type { RunEntry } from '../store/library/library-store';
import { instanceWords } from '../subject/instance-words';
import { learnerStyles } from '../theme/learner-styles';
import { moreScores, type MoreScores } from './more-scores';
import classes from './results.module.css';

/** Scores beside the first ones, and costs: below the verdict, folded. */
export function MoreScoresFold({ history, run }: { history: RunRecord; run: RunEntry }) {
  const more = moreScores(history);
  if (!more) return null;
  return (
    <details className={classes.fold}>
      <summary>More scores, costs and latency</summary>
      {more.tables.map((table) => (
        <ScoresTable key={table.title} table={table} />
      ))}
      <dl className={classes.moreFacts}>
        {more.facts.map(({ name, term, text }) => (
          <div key={name}>
            <dt>{term ? <Explained term={term}>{name}</Explained> : name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <MeasureLatency history={history} run={run} />
    </details>
  );
}

function ScoresTable({ table: { title, columns, rows } }: { table: MoreScores['tables'][number] }) {
  return (
    <div className={classes.factsScroll}>
      <table className={classes.facts} aria-label={title}>
        <thead>
          <tr>
            <th scope="col">{title}</th>
            {columns.map(({ head, term }) => (
              <th key={head} scope="col">
                {term ? <Explained term={term}>{head}</Explained> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ learner, cells }) => (
            <tr key={learner}>
              <th scope="row">
                <LineSample style={learnerStyles[learner]} width={12} />{' '}
                {learnerStyles[learner].short ?? learnerStyles[learner].label}
              </th>
              {cells.map((cell, place) => (
                <td key={columns[place]!.head}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Only for the run whose networks the worker still holds. */
function MeasureLatency({ history, run }: { history: RunRecord; run: RunEntry }) {
  const atHand = useLibrary((state) => state.active === null && state.runs.at(-1)?.id === run.id);
  const measuring = useRuns((state) => state.measuring);
  const measureLatency = useRuns((state) => state.measureLatency);
  if (!atHand || run.elsewhere) return null;
  return (
    <p className={classes.measure}>
      <Button
        size="compact-sm"
        variant="default"
        loading={measuring === run.id}
        disabled={measuring !== null}
        onClick={() => void measureLatency(run.id)}
      >
        {history.latencies ? 'Measure latency again' : 'Measure latency'}
      </Button>{' '}
      <small>
        One {instanceWords(history.facts).one} and a batch, on each network. Best while no experiment runs;
        the numbers hold for this machine and backend.
      </small>
    </p>
  );
}
