import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { knobAt } from '../../distill/recipe';
import { examples } from '../examples';
import { changesBetween } from '../recipe/diff';
import { methodName } from '../recipe/summaries';
import type { Failure, RunHistory } from '../run/history';
import { useRunVersion } from '../run/use-run';
import { MainButton } from '../shell/RunControls';
import { useApp, useViewedRun } from '../store/context';
import { FactsTable } from './FactsTable';
import { Readouts } from './Readouts';
import { runResult } from './run-result';
import { verdictOf } from './verdict';
import classes from './verdict.module.css';
import { VerdictText } from './VerdictText';

/** The head of the centre: the recipe before a run, its figures during it, its verdict afterwards. */
export function Bench() {
  const history = useViewedRun();
  return (
    <section className={classes.bench} aria-label="Result">
      {history ? <RunBench key={history.id} history={history} /> : <RecipeBench />}
    </section>
  );
}

function RecipeBench() {
  const recipe = useApp((state) => state.recipe);
  const example = useApp((state) => state.example);
  const facts = useApp((state) => state.facts);
  const problem = useApp((state) => state.factsProblem);
  const wantStart = useApp((state) => state.wantStart);
  const start = useRef<HTMLDivElement>(null);
  // Who chose an example wants to see it run: the space bar does it.
  useEffect(() => {
    if (wantStart > 0) start.current?.querySelector('button')?.focus();
  }, [wantStart]);
  const note = example?.note || examples.find(({ id }) => id === example?.id)?.line;
  return (
    <>
      <p className={classes.eyebrow}>
        <span>{methodName(recipe).title}</span>
      </p>
      <h2>{recipe.title}</h2>
      {note && <p className={classes.note}>{note}</p>}
      <div className={classes.start} ref={start}>
        <MainButton size="md" />
        <small>Trains here, in this browser. Nothing is sent anywhere.</small>
      </div>
      {problem && <p className={classes.problem}>{problem}</p>}
      {facts && <FactsTable facts={facts} />}
    </>
  );
}

function RunBench({ history }: { history: RunHistory }) {
  useRunVersion();
  const run = useApp((state) => state.runs.find(({ id }) => id === history.id));
  const announce = useApp((state) => state.announce);
  const result = runResult(history);
  const verdict = result ? verdictOf(result) : null;
  const headline = verdict?.headline;
  const justEnded = run?.state === 'finished';
  useEffect(() => {
    if (headline && justEnded) announce(headline);
  }, [headline, justEnded, announce]);
  return (
    <>
      <div className={classes.runHead}>
        <div>
          <p className={classes.eyebrow}>
            <span>Run {run?.number}</span>
            <span>{methodName(history.recipe).title}</span>
            <span>{statusOf(history, run?.state)}</span>
          </p>
          <h2>{run?.name}</h2>
        </div>
        <Readouts history={history} />
      </div>
      <div className={classes.outcome}>
        {verdict ? (
          <VerdictText verdict={verdict} history={history} />
        ) : (
          !history.failure && (
            <>
              {run?.note && <p className={classes.note}>{run.note}</p>}
              <p className={classes.note}>{history.phaseText}</p>
            </>
          )
        )}
        {history.failure && <Failed failure={history.failure} />}
        {history.warnings.map(({ step, text }) => (
          <p key={`${step} ${text}`} className={classes.problem}>
            Step {step}: {text}
          </p>
        ))}
        <Changed history={history} />
      </div>
      {history.facts && (
        <details className={classes.fold}>
          <summary>Networks and images of this run</summary>
          <FactsTable facts={history.facts} />
        </details>
      )}
    </>
  );
}

/** Why the run broke off, and the way to the knob that caused it. */
function Failed({ failure }: { failure: Failure }) {
  const reveal = useApp((state) => state.revealKnob);
  const { message, knob } = failure;
  const label = useApp((state) => (knob ? knobAt(state.recipe, knob)?.label : undefined));
  return (
    <div className={classes.problem}>
      <p>{message}</p>
      {knob && label && (
        <Button variant="default" onClick={() => reveal(knob)}>
          Go to “{label}”
        </Button>
      )}
    </div>
  );
}

function statusOf(history: RunHistory, state: string | undefined): string {
  if (!history.outcome) return state ?? '';
  return `${state ?? ''} after ${history.outcome.seconds.toFixed(1)} s`;
}

/** When the recipe on the bench is no longer the one of the run in view. */
function Changed({ history }: { history: RunHistory }) {
  const recipe = useApp((state) => state.recipe);
  const active = useApp((state) => state.active);
  if (active !== null) return null;
  const changes = changesBetween(history.recipe, recipe);
  if (changes.length === 0) return null;
  const words = changes
    .slice(0, 3)
    .map(({ label, from, to }) =>
      from ? `${label.toLowerCase()} ${from} → ${to}` : `${label.toLowerCase()} ${to}`,
    );
  const more = changes.length > 3 ? ` and ${changes.length - 3} more` : '';
  return (
    <p className={classes.changed}>
      The recipe has changed since this run: {words.join(', ')}
      {more}. Start runs it as it is now.
    </p>
  );
}
