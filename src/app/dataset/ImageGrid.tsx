import { useElementSize } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { ImageSet } from '../../storage/image-set';
import { placeOf } from '../../storage/set-rows';
import { paint } from '../data/pixels';
import { usePixels } from '../data/use-pixels';
import { count } from '../format';
import classes from './dataset.module.css';
import { enlargement, shownSize } from './one-image';

interface Props {
  dataset: ImageSet;
  /** Images in the order they are shown. */
  images: readonly number[];
  selected: ReadonlySet<number>;
  onSelect: (selected: ReadonlySet<number>) => void;
  onDelete: () => void;
  label: string;
}

const wantedSize = 56;
const wantedGap = 7;

/** All images of a class as a list to choose from; only those in sight are in the page. */
export function ImageGrid({ dataset, images, selected, onSelect, onDelete, label }: Props) {
  const { ref: measured, width } = useElementSize();
  const scroller = useRef<HTMLDivElement>(null);
  const base = useId();
  /** Place of the image that the keys move from. */
  const [place, setPlace] = useState(0);
  const [anchor, setAnchor] = useState(0);
  const size = shownSize(dataset, wantedSize);
  // A whole number of enlarged pixels, since a row is one canvas.
  const times = enlargement(dataset, wantedSize);
  const apart = Math.max(1, Math.round(wantedGap / times));
  const gap = apart * times;
  const columns = Math.max(1, Math.floor((width + gap) / (size.width + gap)));
  const rows = Math.ceil(images.length / columns);
  // oxlint-disable-next-line react/incompatible-library -- the component is drawn anew whenever the list scrolls
  const virtual = useVirtualizer({
    count: rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => size.height + gap,
    overscan: 3,
  });
  const active = Math.min(place, images.length - 1);

  const choose = (at: number, range: boolean) => {
    const next = new Set(selected);
    const image = images[at]!;
    if (range) for (const one of images.slice(Math.min(anchor, at), Math.max(anchor, at) + 1)) next.add(one);
    else if (next.has(image)) next.delete(image);
    else next.add(image);
    setPlace(at);
    if (!range) setAnchor(at);
    onSelect(next);
  };
  const move = (to: number, extend: boolean) => {
    const at = Math.max(0, Math.min(images.length - 1, to));
    setPlace(at);
    virtual.scrollToIndex(Math.floor(at / columns));
    if (extend) choose(at, true);
    else setAnchor(at);
  };
  const onKey = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
      PageUp: -5 * columns,
      PageDown: 5 * columns,
      Home: -images.length,
      End: images.length,
    };
    const step = steps[event.key];
    if (step !== undefined) move(active + step, event.shiftKey);
    else if (event.key === ' ' || event.key === 'Enter') choose(active, false);
    else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) onSelect(new Set(images));
    else if (event.key === 'Delete' || event.key === 'Backspace') onDelete();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      className={classes.grid}
      ref={scroller}
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-multiselectable="true"
      aria-activedescendant={images.length > 0 ? `${base}-${active}` : undefined}
      onKeyDown={onKey}
    >
      <div
        ref={measured}
        role="presentation"
        style={{ height: virtual.getTotalSize(), position: 'relative' }}
      >
        {virtual.getVirtualItems().map(({ index: row, start }) => (
          <div
            key={row}
            role="presentation"
            className={classes.gridRow}
            style={{ height: size.height, gap, transform: `translateY(${start}px)` }}
          >
            <Strip dataset={dataset} images={images} from={row * columns} columns={columns} gap={apart} />
            {images.slice(row * columns, (row + 1) * columns).map((image, column) => {
              const at = row * columns + column;
              const { row: number, forTest } = placeOf(dataset, image);
              return (
                <div
                  key={image}
                  id={`${base}-${at}`}
                  role="option"
                  aria-selected={selected.has(image)}
                  aria-posinset={at + 1}
                  aria-setsize={images.length}
                  aria-label={`Image ${count(number + 1)} ${forTest ? 'for the test' : 'to train on'}`}
                  className={classes.cell}
                  data-active={at === active || undefined}
                  data-test={forTest || undefined}
                  style={size}
                  onClick={(event) => choose(at, event.shiftKey)}
                />
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

interface StripProps {
  dataset: ImageSet;
  images: readonly number[];
  /** Place of the first image of the row. */
  from: number;
  columns: number;
  /** In pixels of the images. */
  gap: number;
}

/** The pictures of one row in one canvas: a canvas for each makes scrolling stutter. Choosing does not draw it anew. */
const Strip = memo(function Strip({ dataset, images, from, columns, gap }: StripProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { height, width } = dataset;
  const times = enlargement(dataset, wantedSize);
  const shown = useMemo(() => images.slice(from, from + columns), [images, from, columns]);
  const across = shown.length * (width + gap) - gap;
  const stack = usePixels(dataset, shown);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !stack) return;
    const strip = context.createImageData(across, height);
    // Images side by side, `gap` of their own pixels apart.
    for (const column of shown.keys()) paint(strip, stack, column, column * (width + gap), 0);
    context.putImageData(strip, 0, 0);
  }, [stack, shown, width, height, gap, across]);
  return (
    <canvas
      ref={canvas}
      className="pixels"
      aria-hidden="true"
      width={across}
      height={height}
      style={{ width: across * times, height: height * times }}
    />
  );
});
