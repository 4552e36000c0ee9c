import { useMemo } from 'react';
import type { Recipe } from '../../distill/recipe';
import type { Experiment } from '../../experiment/experiment';
import type { Forecast } from '../../experiment/forecast';
import type { RunFacts } from '../../training/events';
import { useForecast } from '../experiment/use-forecast';
import { bytes, aboutDuration } from '../format';
import classes from './results.module.css';

const sources: Readonly<Record<Forecast['from'], string>> = {
  same: 'by earlier runs of such steps here',
  other: 'by earlier runs of other steps here',
  guess: 'guessed for a processor, because no run has been timed here yet',
};

/** What a run will take, before it is started. */
export default function RunCost({ recipe, facts: { memory } }: { recipe: Recipe; facts: RunFacts }) {
  const alone = useMemo(
    (): Experiment => ({
      title: recipe.title,
      note: '',
      seeds: [recipe.seed],
      entries: [{ name: recipe.title, method: null, recipe, axes: [] }],
    }),
    [recipe],
  );
  const forecast = useForecast(alone);
  const parts = [
    ...(memory === undefined ? [] : [`about ${bytes(memory)} of memory on the device`]),
    ...(forecast?.seconds == null ? [] : [`${aboutDuration(forecast.seconds)}, ${sources[forecast.from]}`]),
  ];
  return parts.length > 0 && <p className={classes.images}>A run takes {parts.join(' and ')}.</p>;
}
