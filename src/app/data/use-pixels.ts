import { useEffect, useMemo, useState } from 'react';
import type { ImageSet } from '../../storage/image-set';
import type { SetHandle } from '../../storage/set-handle';
import { readImages, readVectors } from '../../storage/set-rows';
import { useData } from '../store/hooks';
import type { ImageStack } from './pixels';

interface Read<V> {
  set: SetHandle;
  instances: readonly number[];
  values: V;
}

/** What `read` gives of these instances of a set; null until it is there. Numbered as in `set-rows.ts`. */
function useRead<S extends SetHandle, V>(
  set: S,
  instances: readonly number[],
  read: (set: S, instances: readonly number[]) => Promise<V>,
): V | null {
  const [found, setFound] = useState<Read<V> | null>(null);
  const rescue = useData((state) => state.rescueSet);
  useEffect(() => {
    let gone = false;
    read(set, instances).then(
      (values) => {
        if (!gone) setFound({ set, instances, values });
      },
      () => {
        if (!gone) void rescue();
      },
    );
    return () => {
      gone = true;
    };
  }, [set, instances, read, rescue]);
  // What was read of others is not shown in their place.
  return found && found.set === set && found.instances === instances ? found.values : null;
}

/** These images of a set, in this order; null until they are read. */
export function usePixels(set: ImageSet, images: readonly number[]): ImageStack | null {
  const pixels = useRead(set, images, readImages);
  const { height, width, channels } = set;
  return useMemo(() => pixels && { pixels, height, width, channels }, [pixels, height, width, channels]);
}

/** [instances.length * columns] these rows of a table, in this order; null until they are read. */
export function useVectors(set: SetHandle, instances: readonly number[]): Float32Array | null {
  return useRead(set, instances, readVectors);
}
