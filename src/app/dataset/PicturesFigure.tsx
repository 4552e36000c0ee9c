import { useMemo } from 'react';
import { SavedFigure } from '../figures/SavedFigure';
import type { LabelledImageSet } from '../../storage/image-set';
import { Thumbnails } from '../data/Thumbnails';
import classes from './dataset.module.css';
import { MeanImage } from './MeanImage';

interface Props {
  dataset: LabelledImageSet;
  names: readonly string[];
  /** Images of each class. */
  byClass: readonly (readonly number[])[];
  /** The class from which on they are in the figure. */
  from: number;
}

/** More make no figure on a page. */
const mostClasses = 20;
const imagesOfEach = 10;
const size = 28;

/** A figure for a paper, drawn out of sight: the mean and the first images of each class. */
export function PicturesFigure({ dataset, names, byClass, from }: Props) {
  const first = Math.max(0, Math.min(from, names.length - mostClasses));
  const shown = useMemo(
    () =>
      names.slice(first, first + mostClasses).map((name, place) => {
        const images = byClass[first + place]!;
        return { name, images, rows: [images.slice(0, imagesOfEach)] };
      }),
    [names, byClass, first],
  );
  return (
    <SavedFigure aside title={`Images of ${dataset.title}`}>
      <div className={classes.pictures}>
        <span />
        <small>Mean</small>
        <small>First images</small>
        {shown.map(({ name, images, rows }) => (
          <ClassRow key={name} {...{ dataset, name, images, rows }} />
        ))}
      </div>
    </SavedFigure>
  );
}

function ClassRow({
  dataset,
  name,
  images,
  rows,
}: {
  dataset: LabelledImageSet;
  name: string;
  images: readonly number[];
  rows: readonly (readonly number[])[];
}) {
  return (
    <>
      <span>{name}</span>
      <MeanImage dataset={dataset} images={images} size={size} />
      <Thumbnails set={dataset} rows={rows} size={size} label={`First images of ${name}`} />
    </>
  );
}
