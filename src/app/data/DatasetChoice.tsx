import { Button } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { onlyView } from '../../data/dataset';
import { labelledSetOf } from '../../storage/image-set';
import { materialKnobs } from '../../distill/material/about';
import { shownValue } from '../../distill/knobs';
import { useData, useIsTraining, useRecipe, useView } from '../store/hooks';
import classes from './data.module.css';

const DatasetStrip = lazy(() => import('./DatasetStrip'));

/** The data set of the recipe, and the way to another one. */
export function DatasetChoice() {
  const id = useRecipe((state) => state.recipe.material.dataset);
  const running = useIsTraining();
  const set = useView((state) => state.set);
  const openSet = useData((state) => state.openSet);
  const dataset = useData(({ upload, bundled }) => (id === 'upload' ? upload : bundled[id]));
  const labelled = dataset && labelledSetOf(dataset);
  const isTable = dataset?.inputs[onlyView]?.kind === 'vector';
  return (
    <div className={classes.choice} data-knob="material.dataset">
      <div className={classes.choiceHead}>
        <strong>{dataset?.title ?? shownValue(materialKnobs.dataset, id)}</strong>
        <div className={classes.choiceButtons}>
          {(labelled || isTable) && (
            <Button
              variant="default"
              onClick={() => (labelled ? openSet(labelled) : set({ panel: 'table' }))}
            >
              Look
            </Button>
          )}
          <Button variant="default" disabled={running} onClick={() => set({ panel: 'data' })}>
            Change
          </Button>
        </div>
      </div>
      <Suspense fallback={<p className={classes.muted}>Opening the data set</p>}>
        <DatasetStrip id={id} />
      </Suspense>
      <p className={classes.stays}>Your data stay on this machine.</p>
    </div>
  );
}
