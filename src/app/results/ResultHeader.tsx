import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { sizeRemark } from '../../distill/pair';
import { examples } from '../examples';
import { Explained } from '../glossary/Explained';
import { methodName } from '../recipe/summaries';
import { MainButton } from '../shell/RunControls';
import { useRecipe, useRuns, useView, useViewedRun } from '../store/hooks';
import type { RunRecord } from '../../record/run-record';
import { RunProblem } from './RunProblem';
import { RecipeChanges } from './RecipeChanges';
import classes from './results.module.css';

/** A worker counts the facts, which takes longer than this code to come. */
const FactsTable = lazy(() => import('./FactsTable'));
const RunCost = lazy(() => import('./RunCost'));

/** The head of the centre: the recipe before a run, its figures during it, its verdict afterwards. */
export function ResultHeader() {
  const history = useViewedRun();
  const drawRun = useRunHeader();
  return (
    <section className={classes.header} aria-label="Result">
      {history && drawRun ? drawRun(history) : <RecipeHeader />}
    </section>
  );
}

type DrawRun = (history: RunRecord) => ReactNode;

/**
 * Not for the first paint, when there is no run. Until it is there the recipe stands in its place: an empty head would
 * move all that is below it.
 */
function useRunHeader(): DrawRun | null {
  const [draw, setDraw] = useState<DrawRun | null>(null);
  useEffect(() => {
    import('./RunHeader').then(
      ({ default: RunHeader }) =>
        setDraw(() => (history: RunRecord) => <RunHeader key={history.id} history={history} />),
      (error: unknown) =>
        setDraw(() => {
          throw error;
        }),
    );
  }, []);
  return draw;
}

function RecipeHeader() {
  const recipe = useRecipe((state) => state.recipe);
  const example = useRecipe((state) => state.example);
  const facts = useRuns((state) => state.facts);
  const problem = useRuns((state) => state.factsProblem);
  const wantStart = useView((state) => state.wantStart);
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
      {example && <RecipeChanges from={example.recipe} to={recipe} what="Changed from the example" />}
      <div className={classes.start} ref={start}>
        <MainButton size="md" />
        <small>
          Trains here, in this browser. Nothing is sent anywhere.{' '}
          <Explained term="distillation">What is distillation?</Explained>
        </small>
      </div>
      {problem && <RunProblem message={problem.problem} knob={problem.knob} />}
      <div className={classes.factsSlot}>
        <Suspense fallback={null}>
          {facts && <FactsTable facts={facts} />}
          {facts && <RunCost recipe={recipe} facts={facts} />}
        </Suspense>
      </div>
      {remark?.tone === 'warning' && <p className={classes.problem}>{remark.text}</p>}
    </>
  );
}
