import { useMemo } from 'react';
import { bundledSets } from '../../data/bundled-about';
import { describeContents } from '../../data/describe-set';
import { imageSetOf, labelledSetOf, type ImageSet } from '../../storage/image-set';
import { count } from '../format';
import classes from './data.module.css';
import { samplesPerClass } from './pixels';
import { Thumbnails } from './Thumbnails';
import { useDataset } from './use-dataset';

/** What the data set of the recipe holds: counts, and a few of its images. */
export default function DatasetStrip({ id }: { id: string }) {
  const dataset = useDataset(id);
  const about = bundledSets.find((known) => known.id === id);
  if (!dataset && !about)
    return <p className={classes.muted}>No data yet: drop files, a folder or a zip anywhere on the page.</p>;
  const images = dataset && imageSetOf(dataset);
  const [train, test] = dataset ? [dataset.train.count, dataset.test.count] : [about!.train, about!.test];
  return (
    <>
      {images && <Samples set={images} />}
      <p className={classes.muted}>
        {count(train)} to train on, {count(test)} to test, {describeContents(dataset ?? about!)}
      </p>
    </>
  );
}

const shown = 10;

/** One image of each class, or the first images where they have none. */
function Samples({ set }: { set: ImageSet }) {
  const labelled = labelledSetOf(set);
  const rows = useMemo(() => {
    if (!labelled) return [[...Array(Math.min(shown, set.train.count)).keys()]];
    return [samplesPerClass(labelled.train.labels, Math.min(labelled.classes.length, shown), 1).flat()];
  }, [labelled, set]);
  const label = labelled ? `One image each of ${rows[0]!.length} classes` : 'The first images';
  return <Thumbnails set={set} rows={rows} size={24} label={label} />;
}
