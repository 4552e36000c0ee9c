import { useEffect } from 'react';
import { extraLabels } from '../../distill/weighting/hint-dynamic/about';
import { methodName } from '../recipe/summaries';
import type { RunRecord } from '../../record/run-record';
import { useRunVersion } from '../redraw/use-redraw';
import { useIsTraining, useRecipe, useRunEntry, useView } from '../store/hooks';
import { instanceWords } from '../subject/instance-words';
import FactsTable from './FactsTable';
import { finalScores } from './final-scores';
import { FinalScoresTable } from './FinalScoresTable';
import { MoreScoresFold } from './MoreScoresFold';
import { RunProblem } from './RunProblem';
import { ScoreReadouts } from './ScoreReadouts';
import { runResult } from './run-result';
import { RecipeChanges } from './RecipeChanges';
import { verdictOf } from './verdict';
import classes from './results.module.css';
import { VerdictText } from './VerdictText';

/** The head of the centre for a run: its figures as it goes, its verdict afterwards. */
export default function RunHeader({ history }: { history: RunRecord }) {
  useRunVersion();
  const run = useRunEntry(history.id);
  const announce = useView((state) => state.announce);
  const result = runResult(history);
  const verdict = result ? verdictOf(result) : null;
  const scores = finalScores(history);
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
        <ScoreReadouts history={history} />
      </div>
      <div className={classes.outcome}>
        {verdict && <VerdictText verdict={verdict} history={history} />}
        {scores && <FinalScoresTable scores={scores} />}
        {!verdict && !history.failure && <RunInProgress history={history} note={history.recipe.note} />}
        {history.failure && <RunProblem {...history.failure} />}
        {history.warnings.map(({ step, text }) => (
          <p key={`${step} ${text}`} className={classes.problem}>
            Step {step}: {text}
          </p>
        ))}
        <ChangedSinceRun history={history} />
      </div>
      {history.outcome && run && <MoreScoresFold history={history} run={run} />}
      {history.facts && (verdict || history.failure || history.recipe.note) && (
        <details className={classes.fold}>
          <summary>Networks and {instanceWords(history.facts).many} of this run</summary>
          <FactsTable facts={history.facts} />
        </details>
      )}
    </>
  );
}

/** What the run is about, in the place where its verdict will stand. */
function RunInProgress({ history, note }: { history: RunRecord; note: string }) {
  return (
    <>
      {note && <p className={classes.note}>{note}</p>}
      <p className={classes.note}>{history.phaseText}</p>
      {!note && history.facts && <FactsTable facts={history.facts} />}
    </>
  );
}

function statusOf(history: RunRecord, state: string | undefined): string {
  if (!history.outcome) return state ?? '';
  const { seconds } = history.outcome;
  const where = history.facts?.trainedIn;
  return `${state ?? ''} after ${seconds.toFixed(1)} s${where ? `, trained in ${where}` : ''}`;
}

/** When the current recipe is no longer the one of the run in view. */
function ChangedSinceRun({ history }: { history: RunRecord }) {
  const recipe = useRecipe((state) => state.recipe);
  const isTraining = useIsTraining();
  if (isTraining) return null;
  return <RecipeChanges from={history.recipe} to={recipe} what="Changed since; Start runs it so" />;
}
