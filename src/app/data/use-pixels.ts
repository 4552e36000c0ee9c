import { useEffect, useState } from 'react';
import type { ImageSet } from '../../storage/image-set';
import { readImages } from '../../storage/set-rows';
import { useData } from '../store/hooks';
import type { ImageStack } from './pixels';

interface Read {
  set: ImageSet;
  images: readonly number[];
  stack: ImageStack;
}

/** These images of a set, in this order; null until they are read. Numbered as in `set-rows.ts`. */
export function usePixels(set: ImageSet, images: readonly number[]): ImageStack | null {
  const [read, setRead] = useState<Read | null>(null);
  const rescue = useData((state) => state.rescueSet);
  useEffect(() => {
    let gone = false;
    readImages(set, images).then(
      (pixels) => {
        const { height, width, channels } = set;
        if (!gone) setRead({ set, images, stack: { pixels, height, width, channels } });
      },
      () => {
        if (!gone) void rescue();
      },
    );
    return () => {
      gone = true;
    };
  }, [set, images, rescue]);
  // What was read of others is not shown in their place.
  return read && read.set === set && read.images === images ? read.stack : null;
}
