import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { bundledSets } from '../../data/bundled-about';
import { describeContents } from '../../data/describe-set';
import { labelledSetOf, type LabelledImageSet } from '../../storage/image-set';
import type { SetHandle } from '../../storage/set-handle';
import { materialKnobs } from '../../distill/material/about';
import { count } from '../format';
import { shownValue } from '../recipe/diff';
import { useData, useLibrary, useRecipe, useView } from '../store/hooks';
import classes from './data.module.css';
import { samplesPerClass } from './pixels';
import { Thumbnails } from './Thumbnails';
import { useDataset } from './use-dataset';

/** The data set of the recipe, and the way to another one. */
export function DatasetChoice() {
  const id = useRecipe((state) => state.recipe.material.dataset);
  const running = useLibrary((state) => state.active !== null);
  const set = useView((state) => state.set);
  const openSet = useData((state) => state.openSet);
  const about = bundledSets.find((known) => known.id === id);
  const dataset = useDataset(id);
  const labelled = dataset && labelledSetOf(dataset);
  return (
    <div className={classes.choice} data-knob="material.dataset">
      <div className={classes.choiceHead}>
        <strong>{dataset?.title ?? about?.title ?? shownValue(materialKnobs.dataset, id)}</strong>
        <div className={classes.choiceButtons}>
          {labelled && (
            <Button variant="default" onClick={() => openSet(labelled)}>
              Look
            </Button>
          )}
          <Button variant="default" disabled={running} onClick={() => set({ panel: 'data' })}>
            Change
          </Button>
        </div>
      </div>
      {dataset && <DatasetStrip dataset={dataset} />}
      {!dataset && about && (
        <p className={classes.muted}>
          {count(about.train)} to train on, {count(about.test)} to test, {describeContents(about)}
        </p>
      )}
      {!dataset && !about && (
        <p className={classes.muted}>No data yet: drop files, a folder or a zip anywhere on the page.</p>
      )}
      <p className={classes.stays}>Your data stay on this machine.</p>
    </div>
  );
}

function DatasetStrip({ dataset }: { dataset: SetHandle }) {
  const { train, test } = dataset;
  const labelled = labelledSetOf(dataset);
  return (
    <>
      {labelled && <ClassSamples set={labelled} />}
      <p className={classes.muted}>
        {count(train.count)} to train on, {count(test.count)} to test, {describeContents(dataset)}
      </p>
    </>
  );
}

function ClassSamples({ set }: { set: LabelledImageSet }) {
  const { train, classes: names } = set;
  const rows = useMemo(() => {
    const firsts = samplesPerClass(train.labels, Math.min(names.length, 10), 1);
    return [firsts.flat()];
  }, [train, names]);
  return (
    <Thumbnails set={set} rows={rows} size={24} label={`One image each of ${rows[0]!.length} classes`} />
  );
}
