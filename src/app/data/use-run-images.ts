import { useEffect, useState } from 'react';
import { imageSetOf, type ImageSet } from '../../storage/image-set';
import type { RunId } from '../../worker/training-protocol';
import { useData } from '../store/hooks';

/** The images that a run was trained on: undefined while they are opened, null where they are not here or it had none. */
export function useRunImages(run: RunId): ImageSet | null | undefined {
  const imagesOf = useData((state) => state.imagesOf);
  const [opened, setOpened] = useState<{ run: RunId; set: ImageSet | null } | null>(null);
  useEffect(() => {
    let gone = false;
    void imagesOf(run).then((set) => {
      if (!gone) setOpened({ run, set: set && imageSetOf(set) });
    });
    return () => {
      gone = true;
    };
  }, [run, imagesOf]);
  return opened?.run === run ? opened.set : undefined;
}
