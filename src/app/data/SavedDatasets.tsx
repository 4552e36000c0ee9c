import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { describeContents } from '../../data/describe-set';
import type { StoredDataset } from '../../storage/schema';
import { bytes, count } from '../format';
import { useData, useIsTraining, useRecipe } from '../store/hooks';
import classes from './data.module.css';

/** The user's own data sets that are stored in this browser. */
export function SavedDatasets() {
  const sets = useData((state) => state.sets);
  const readSets = useData((state) => state.readSets);
  // Another tab may have kept or deleted one.
  useEffect(() => void readSets(), [readSets]);
  if (sets.length === 0) return null;
  return (
    <section className={classes.kept} aria-label="Kept in this browser">
      <h3>Kept in this browser</h3>
      <ul className={classes.sets}>
        {sets.map((about) => (
          <SavedDataset key={about.hash} about={about} />
        ))}
      </ul>
    </section>
  );
}

function SavedDataset({ about }: { about: StoredDataset }) {
  const isOwn = useRecipe((state) => state.recipe.material.dataset === 'upload');
  const isTaken = useData((state) => state.uploadHash === about.hash) && isOwn;
  const running = useIsTraining();
  const takeSet = useData((state) => state.takeSet);
  const discardSet = useData((state) => state.discardSet);
  return (
    <li className={classes.set}>
      <div>
        <h4>{about.title}</h4>
        <p className={classes.muted}>
          {count(about.train)} to train on, {count(about.test)} to test, {describeStored(about)}.{' '}
          {bytes(about.bytes)}.
        </p>
      </div>
      <div className={classes.choiceButtons}>
        <Button
          variant={isTaken ? 'light' : 'default'}
          disabled={isTaken || running}
          aria-label={isTaken ? `${about.title} is in use` : `Use ${about.title}`}
          onClick={() => void takeSet(about.hash)}
        >
          {isTaken ? 'In use' : 'Use it'}
        </Button>
        <Button
          variant="subtle"
          color="gray"
          aria-label={`Delete ${about.title}`}
          onClick={() => discardSet(about.hash)}
        >
          Delete
        </Button>
      </div>
    </li>
  );
}

function describeStored({ inputs, target, shape, classes: names }: StoredDataset): string {
  if (inputs && target) return describeContents({ inputs, target });
  const [height, width, channels] = shape;
  return `${count(names)} classes, ${width} × ${height} ${channels === 3 ? 'colour' : 'grey'}`;
}
