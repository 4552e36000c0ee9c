import { midSentence } from '../format';
import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { sizeRemark } from '../../distill/pair';
import { knobAt, type Recipe } from '../../distill/recipe';
import { extraLabels } from '../../distill/weighting/hint-dynamic/about';
import { examples } from '../examples';
import { Explained } from '../glossary/Explained';
import { changesBetween } from '../recipe/diff';
import { methodName } from '../recipe/summaries';
import type { Failure, RunRecord } from '../../record/run-record';
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
  const remark = facts && sizeRemark(recipe.teacher.kind, facts.networks);
  const note = recipe.note || examples.find(({ id }) => id === recipe.example)?.line;
  return (
    <>
      <p className={classes.eyebrow}>
        <span>{methodName(recipe).title}</span>
      </p>
      <h2>{recipe.title}</h2>
      {note && <p className={classes.note}>{note}</p>}
      {example && <Turned from={example.recipe} to={recipe} what="Changed from the example" />}
      <div className={classes.start} ref={start}>
        <MainButton size="md" />
        <small>
          Trains here, in this browser. Nothing is sent anywhere.{' '}
          <Explained term="distillation">What is distillation?</Explained>
        </small>
      </div>
      {problem && <Failed message={problem.problem} knob={problem.knob} />}
      <div className={classes.factsSlot}>{facts && <FactsTable facts={facts} />}</div>
      {remark?.tone === 'warning' && <p className={classes.problem}>{remark.text}</p>}
    </>
  );
}

function RunBench({ history }: { history: RunRecord }) {
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
      <p className={classes.eyebrow}>
        <span>Run {run?.number}</span>
        <span>{methodName(history.recipe).title}</span>
        <span>{statusOf(history, run?.state)}</span>
        {history.facts && history.facts.meta > 0 && (
          <span>learned with {extraLabels(history.facts.meta)}</span>
        )}
      </p>
      <div className={classes.runHead}>
        <h2>{run?.name}</h2>
        <Readouts history={history} />
      </div>
      <div className={classes.outcome}>
        {verdict && <VerdictText verdict={verdict} history={history} />}
        {!verdict && !history.failure && <Underway history={history} note={history.recipe.note} />}
        {history.failure && <Failed {...history.failure} />}
        {history.warnings.map(({ step, text }) => (
          <p key={`${step} ${text}`} className={classes.problem}>
            Step {step}: {text}
          </p>
        ))}
        <Changed history={history} />
      </div>
      {history.facts && (verdict || history.failure || history.recipe.note) && (
        <details className={classes.fold}>
          <summary>Networks and images of this run</summary>
          <FactsTable facts={history.facts} />
        </details>
      )}
    </>
  );
}

/** What the run is about, in the place where its verdict will stand. */
function Underway({ history, note }: { history: RunRecord; note: string }) {
  return (
    <>
      {note && <p className={classes.note}>{note}</p>}
      <p className={classes.note}>{history.phaseText}</p>
      {!note && history.facts && <FactsTable facts={history.facts} />}
    </>
  );
}

/** Why the run broke off or cannot begin, and the way to the knob that caused it. */
function Failed({ message, knob }: Pick<Failure, 'message' | 'knob'>) {
  const reveal = useApp((state) => state.revealKnob);
  const propose = useApp((state) => state.proposePair);
  const label = useApp((state) => (knob ? knobAt(state.recipe, knob)?.label : undefined));
  return (
    <div className={classes.problem}>
      <p>{message}</p>
      {knob && label && (
        <Button variant="default" onClick={() => reveal(knob)}>
          Go to “{label}”
        </Button>
      )}
      {knob === 'student.network' && (
        <Button variant="default" ml={8} onClick={() => void propose()}>
          Take networks that fit
        </Button>
      )}
    </div>
  );
}

function statusOf(history: RunRecord, state: string | undefined): string {
  if (!history.outcome) return state ?? '';
  return `${state ?? ''} after ${history.outcome.seconds.toFixed(1)} s`;
}

/** When the recipe on the bench is no longer the one of the run in view. */
function Changed({ history }: { history: RunRecord }) {
  const recipe = useApp((state) => state.recipe);
  const active = useApp((state) => state.active);
  if (active !== null) return null;
  return <Turned from={history.recipe} to={recipe} what="On the bench now, to be run with Start" />;
}

function Turned({ from, to, what }: { from: Recipe; to: Recipe; what: string }) {
  const changes = changesBetween(from, to);
  if (changes.length === 0) return null;
  const words = changes
    .slice(0, 3)
    .map((change) => `${midSentence(change.label)} ${change.from ? `${change.from} → ` : ''}${change.to}`);
  const more = changes.length > 3 ? ` and ${changes.length - 3} more` : '';
  return (
    <p className={classes.changed}>
      {what}: {words.join(', ')}
      {more}.
    </p>
  );
}
