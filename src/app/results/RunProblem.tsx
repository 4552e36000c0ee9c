import { Button } from '@mantine/core';
import { knobAt } from '../../distill/recipe';
import type { Failure } from '../../record/run-record';
import { useData, useRecipe, useView } from '../store/hooks';
import classes from './results.module.css';

/** Why the run broke off or cannot begin, and the way to the knob that caused it. */
export function RunProblem({ message, knob }: Pick<Failure, 'message' | 'knob'>) {
  const reveal = useView((state) => state.revealKnob);
  const propose = useData((state) => state.proposePair);
  const label = useRecipe((state) => (knob ? knobAt(state.recipe, knob)?.label : undefined));
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
