import { useMemo } from 'react';
import type { RunRecord } from '../../record/run-record';
import type { ImageSet } from '../../storage/image-set';
import { useRunImages } from '../data/use-run-images';
import { ImageTile } from '../data/ImageTile';
import { usePixels } from '../data/use-pixels';
import { count } from '../format';
import { instanceWords } from '../subject/instance-words';
import { learnerStyles } from '../theme/learner-styles';
import { useView } from '../store/hooks';
import { imageNumber, placesIn, type ConfusionCell } from './confusion-cells';
import tables from './confusions.module.css';

/** More images than this are a page of their own. */
const most = 60;

type Samples = NonNullable<RunRecord['samples']>;

/** The measured images of one cell; each opens in the sample inspector. */
export function CellImages({ history, cell }: { history: RunRecord; cell: ConfusionCell }) {
  const words = instanceWords(history.facts);
  const set = useRunImages(history.id);
  const samples = history.samples;
  const names = history.facts?.dataset.classes ?? [];
  const places = useMemo(() => (samples ? placesIn(samples, cell) : []), [samples, cell]);
  const title = `${learnerStyles[cell.learner].label}: true class “${names[cell.row]}”, predicted “${names[cell.column]}”`;
  return (
    <div className={tables.images} role="group" aria-label={title}>
      <p role="status">
        {title}, {places.length === 1 ? `1 ${words.one}` : `${count(places.length)} ${words.many}`}
        {places.length > most && `, of which ${most} are shown`}.
        {set === null && ` The ${words.many} of this run are not here any more.`}
      </p>
      {samples && set && (
        <Tiles history={history} samples={samples} set={set} places={places.slice(0, most)} />
      )}
    </div>
  );
}

function Tiles({
  history,
  samples,
  set,
  places,
}: {
  history: RunRecord;
  samples: Samples;
  set: ImageSet;
  places: readonly number[];
}) {
  const change = useView((state) => state.set);
  const chosen = useView((state) => (state.measured?.run === history.id ? state.measured.place : null));
  const stack = usePixels(
    set,
    useMemo(() => places.map((place) => imageNumber(samples, place, set)), [samples, places, set]),
  );
  return (
    <div className={tables.tiles}>
      {stack &&
        places.map((place, at) => (
          <button
            key={place}
            type="button"
            aria-pressed={place === chosen}
            aria-label={`${instanceWords(history.facts).One} ${samples.rows[place]}: open in the sample inspector`}
            onClick={() => change({ measured: { run: history.id, place } })}
          >
            <ImageTile stack={stack} at={at} size={40} />
          </button>
        ))}
    </div>
  );
}
