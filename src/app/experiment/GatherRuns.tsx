import { Button, MultiSelect } from '@mantine/core';
import { useState } from 'react';
import { useLibrary, useRuns } from '../store/hooks';
import classes from './experiment.module.css';

/** An experiment of runs that are there already. */
export function GatherRuns() {
  const runs = useLibrary((state) => state.runs);
  const gather = useRuns((state) => state.gatherExperiment);
  const [chosen, setChosen] = useState<string[]>([]);
  const ended = runs.filter(
    ({ state, stored, experiment }) => state === 'finished' && stored && experiment === null,
  );
  if (ended.length < 2) return null;
  const own = ended.flatMap(({ id, dataset }) =>
    chosen.includes(id) && dataset?.kind === 'stored' ? [dataset.hash] : [],
  );
  // Their recipes say “my own data” alike, so that they would pass for seeds of one row.
  const isMixed = new Set(own).size > 1;
  return (
    <div className={classes.start}>
      <MultiSelect
        flex="1 1 320px"
        label="Gather runs into an experiment"
        description="Runs with the same recipe are seeds of one row. They stay stored as they are."
        searchable
        data={ended.map(({ id, number, name, recipe }) => ({
          value: id,
          label: `${number} ${name}, seed ${recipe.seed}`,
        }))}
        value={chosen}
        onChange={setChosen}
        error={
          isMixed &&
          'These runs learned from different sets of your own. Gather those of one set, or compare single runs in the list.'
        }
      />
      <Button variant="default" disabled={chosen.length < 2 || isMixed} onClick={() => void gather(chosen)}>
        Gather
      </Button>
    </div>
  );
}
