import { useEffect } from 'react';
import { bundledSets } from '../../data/bundled-about';
import type { SetHandle } from '../../storage/set-handle';
import { useData } from '../store/hooks';

/** Larger sets are only fetched when they are used. */
export const previewBytes = 2_000_000;

/** A set by id, once it is there; null for a set that is too large to be fetched for a look. */
export function useDataset(id: string): SetHandle | null {
  const upload = useData((state) => state.upload);
  const bundled = useData((state) => state.bundled[id]);
  const fetchBundled = useData((state) => state.fetchBundled);
  const mine = id === 'upload';
  const large = (bundledSets.find((about) => about.id === id)?.bytes ?? 0) > previewBytes;
  useEffect(() => {
    if (!mine && !large) fetchBundled(id);
  }, [mine, large, id, fetchBundled]);
  return mine ? upload : (bundled ?? null);
}
