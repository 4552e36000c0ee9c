import type { Experiment } from '../../experiment/experiment';
import type { Forecast } from '../../experiment/forecast';
import { aboutDuration, bytes, count } from '../format';
import classes from './experiment.module.css';
import { useForecast } from './use-forecast';

/** What the experiment will take, before it starts. */
export function ForecastLine({ experiment }: { experiment: Experiment }) {
  const forecast = useForecast(experiment);
  return (
    <dl className={classes.forecast} aria-label="What it will take">
      {forecast &&
        partsOf(forecast).map(({ term, value, note }) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>
              {value}
              {note && <small>{note}</small>}
            </dd>
          </div>
        ))}
    </dl>
  );
}

const sources: Record<Forecast['from'], string> = {
  same: 'from steps timed here',
  other: 'rough: from other steps timed here',
  guess: 'a guess: no step was timed here yet',
};

function partsOf({ runs, teachers, kept, seconds, from, bytes: size }: Forecast) {
  return [
    { term: 'Runs', value: count(runs) },
    {
      term: 'Teachers to train',
      value: count(teachers),
      note: kept > 0 ? `${count(kept)} more ${kept === 1 ? 'is' : 'are'} kept from before` : null,
    },
    {
      term: 'Time',
      value: seconds === null ? 'not known' : aboutDuration(seconds),
      note: sources[from],
    },
    { term: 'To be stored', value: size === null ? 'not known' : `about ${bytes(size)}` },
  ];
}
