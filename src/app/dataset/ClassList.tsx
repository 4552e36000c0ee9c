import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { LabelledImageSet } from '../../storage/image-set';
import { count } from '../format';
import classes from './dataset.module.css';
import { MeanImage } from './MeanImage';
import { shownSize } from './one-image';

interface Props {
  dataset: LabelledImageSet;
  names: readonly string[];
  /** Images of each class. */
  byClass: readonly (readonly number[])[];
  shown: number;
  onShow: (label: number) => void;
}

const meanSize = 36;

/** Classes with their mean image and their counts; only those in sight are in the page. */
export function ClassList({ dataset, names, byClass, shown, onShow }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeight = Math.max(52, shownSize(dataset, meanSize).height + 14);
  // oxlint-disable-next-line react/incompatible-library -- the component is drawn anew whenever the list scrolls
  const rows = useVirtualizer({
    count: names.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  });
  return (
    <nav className={classes.classes} ref={scroller} aria-label="Classes">
      <ul style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start, size }) => (
          <li key={index} style={{ height: size, transform: `translateY(${start}px)` }}>
            <button
              type="button"
              className={classes.classRow}
              aria-current={index === shown ? 'true' : undefined}
              onClick={() => onShow(index)}
            >
              <MeanImage dataset={dataset} images={byClass[index]!} size={meanSize} />
              <span className={classes.about}>
                <span className={classes.name}>{names[index]}</span>{' '}
                <span className={classes.counts}>{countsOf(dataset, byClass[index]!)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** "1,200 to train on, 300 to test" */
function countsOf({ train }: LabelledImageSet, images: readonly number[]): string {
  let training = 0;
  for (const image of images) if (image < train.count) training += 1;
  return `${count(training)} to train on, ${count(images.length - training)} to test`;
}
