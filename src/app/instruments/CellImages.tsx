import { useMemo } from 'react';
import type { RunRecord } from '../../record/run-record';
import { imageSetOf, type ImageSet } from '../../storage/image-set';
import type { SetHandle } from '../../storage/set-handle';
import { useRunSet } from '../data/use-run-set';
import { ImageTile } from '../data/ImageTile';
import type { ImageStack } from '../data/pixels';
import { usePixels, useVectors } from '../data/use-pixels';
import { count } from '../format';
import { instanceWords } from '../subject/instance-words';
import { rowStack, trackedScale } from '../subject/row-picture';
import { learnerStyles } from '../theme/learner-styles';
import { useView } from '../store/hooks';
import { imageNumber, placesIn, type ConfusionCell } from './confusion-cells';
import tables from './confusions.module.css';

/** More than this are a page of their own. */
const most = 60;

type Samples = NonNullable<RunRecord['samples']>;

/** The measured instances of one cell, rows of a table as small bars; each opens in the sample inspector. */
export function CellImages({ history, cell }: { history: RunRecord; cell: ConfusionCell }) {
  const words = instanceWords(history.facts);
  const set = useRunSet(history.id);
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
      {samples && set && <CellTiles {...{ history, samples, set }} places={places.slice(0, most)} />}
    </div>
  );
}

interface CellTilesProps {
  history: RunRecord;
  samples: Samples;
  set: SetHandle;
  places: readonly number[];
}

function CellTiles({ set, ...rest }: CellTilesProps) {
  const { samples, places } = rest;
  const numbers = useMemo(
    () => places.map((place) => imageNumber(samples, place, set)),
    [samples, places, set],
  );
  const images = imageSetOf(set);
  return images ? (
    <ImageTiles set={images} numbers={numbers} {...rest} />
  ) : (
    <RowTiles set={set} numbers={numbers} {...rest} />
  );
}

type Kind<S> = Omit<CellTilesProps, 'set'> & { set: S; numbers: readonly number[] };

function ImageTiles({ set, numbers, ...rest }: Kind<ImageSet>) {
  return <Tiles stack={usePixels(set, numbers)} {...rest} />;
}

function RowTiles({ set, numbers, ...rest }: Kind<SetHandle>) {
  const values = useVectors(set, numbers);
  const { tracked } = rest.history;
  const stack = useMemo(() => {
    const scale = tracked && trackedScale(tracked);
    return values && scale && rowStack(values, scale.mean.length, scale);
  }, [values, tracked]);
  return <Tiles stack={stack} {...rest} />;
}

type TilesProps = Omit<CellTilesProps, 'set'> & { stack: ImageStack | null };

function Tiles({ history, samples, stack, places }: TilesProps) {
  const change = useView((state) => state.set);
  const chosen = useView((state) => (state.measured?.run === history.id ? state.measured.place : null));
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
