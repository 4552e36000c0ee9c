import { Button } from '@mantine/core';
import { useActiveState, useRuns, useView } from '../store/hooks';
import { Icon } from './icons';
import { MainButton } from './RunControls';
import classes from './shell.module.css';

/** On a phone the controls lie under the thumb. */
export function PhoneBar() {
  const set = useView((state) => state.set);
  const stop = useRuns((state) => state.stop);
  const step = useRuns((state) => state.step);
  const state = useActiveState();
  const experiment = useRuns(({ experiment }) =>
    experiment?.current ? `${experiment.results.length}/${experiment.total}` : null,
  );
  return (
    <footer className={classes.phoneBar}>
      <div className={classes.phoneButtons} role="group" aria-label="Run and recipe">
        <Button
          size="sm"
          variant="default"
          leftSection={state === null && <Icon name="sliders" />}
          onClick={() => set({ recipeOpen: true })}
        >
          Recipe
        </Button>
        {state === null && (
          <Button
            size="sm"
            variant="default"
            aria-label={experiment ? `Experiment ${experiment}` : undefined}
            onClick={() => set({ panel: 'experiment' })}
          >
            {experiment ?? 'Experiment'}
          </Button>
        )}
        {state !== null && (
          <>
            <Button size="sm" variant="default" onClick={step} disabled={state === 'preparing'}>
              Step
            </Button>
            <Button size="sm" variant="default" onClick={stop}>
              Stop
            </Button>
          </>
        )}
        <MainButton size="sm" />
      </div>
    </footer>
  );
}
