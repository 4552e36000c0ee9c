import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { CollectedPicture } from '../store/data/data-store';
import { Icon } from '../shell/icons';
import classes from './collect.module.css';

interface Props {
  pictures: readonly CollectedPicture[];
  label: string;
  onRemove: (picture: number) => void;
}

const shownSide = 52;

/** The pictures of a class in one line, the newest first; only those in sight are decoded. */
export function CollectedPictures({ pictures, label, onRemove }: Props) {
  const scroller = useRef<HTMLUListElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- the component is drawn anew whenever the list scrolls
  const line = useVirtualizer({
    count: pictures.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => shownSide + 6,
    horizontal: true,
    overscan: 4,
  });
  if (pictures.length === 0) return <p className={classes.muted}>No pictures yet. Drop some here.</p>;
  return (
    <ul className={classes.pictures} ref={scroller} aria-label={label} tabIndex={0}>
      <li aria-hidden="true" style={{ width: line.getTotalSize(), height: 1 }} />
      {line.getVirtualItems().map(({ index, start }) => {
        const picture = pictures[pictures.length - 1 - index]!;
        return (
          <li key={picture.id} style={{ transform: `translateX(${start}px)` }}>
            <Shown picture={picture} />
            <button type="button" aria-label={`Remove ${picture.name}`} onClick={() => onRemove(picture.id)}>
              <Icon name="close" size={12} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Shown({ picture }: { picture: CollectedPicture }) {
  const [url, setUrl] = useState<string | null>(null);
  const [small, setSmall] = useState(false);
  useEffect(() => {
    const made = URL.createObjectURL(picture.bytes);
    // oxlint-disable-next-line react/set-state-in-effect -- an address must be given back, so it is made here
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [picture.bytes]);
  if (!url) return null;
  return (
    <img
      src={url}
      alt={picture.name}
      width={shownSide}
      height={shownSide}
      // Enlarged without blur, made smaller with.
      className={small ? 'pixels' : undefined}
      onLoad={({ currentTarget }) => setSmall(currentTarget.naturalHeight < shownSide)}
    />
  );
}
