import { Button } from '@mantine/core';
import { examples } from '../examples';
import type { RunRecord } from '../../record/run-record';
import { useLibrary, useRecipe, useRuns } from '../store/hooks';
import type { Verdict } from './verdict';
import classes from './results.module.css';

/** The sentence at the end, and what to do next. */
export function VerdictText({ verdict, history }: { verdict: Verdict; history: RunRecord }) {
  return (
    <div className={classes.verdict} data-tone={verdict.tone}>
      <p className={classes.headline}>{verdict.headline}</p>
      {verdict.reasons.length > 0 && <p className={classes.reasons}>{verdict.reasons.join(' ')}</p>}
      <Next history={history} />
    </div>
  );
}

function Next({ history }: { history: RunRecord }) {
  const active = useLibrary((state) => state.active);
  const example = useRecipe((state) => state.example);
  const turn = useRecipe((state) => state.turn);
  const start = useRuns((state) => state.start);
  const setRecipe = useRecipe((state) => state.setRecipe);
  const setWeighting = useRecipe((state) => state.setWeighting);
  const openExample = useRecipe((state) => state.openExample);
  if (active !== null) return null;
  const place = examples.findIndex(({ id }) => id === history.recipe.example);
  const following = place >= 0 ? examples[place + 1] : undefined;
  const again = (change: () => void) => () => {
    setRecipe(history.recipe, example?.id === history.recipe.example ? example : null);
    change();
    start();
  };
  return (
    <div className={classes.actions}>
      <Button variant="default" onClick={again(() => turn('seed', history.recipe.seed + 1))}>
        Again with seed {history.recipe.seed + 1}
      </Button>
      {history.recipe.teacher.kind !== 'none' &&
        !history.recipe.objective.hardAnswers &&
        history.recipe.hints.length > 0 && (
          <Button variant="default" onClick={again(() => turn('objective.hardAnswers', true))}>
            Again with the teacher’s hard labels
          </Button>
        )}
      {history.recipe.weighting.id !== 'fixed' && (
        <Button variant="default" onClick={again(() => setWeighting('fixed'))}>
          Again with fixed weights
        </Button>
      )}
      {following && (
        <Button variant="default" onClick={() => void openExample(following.id)}>
          Next: {following.title}
        </Button>
      )}
    </div>
  );
}
