import { useEffect } from 'react';
import type { Dataset } from '../../data/dataset';
import { useApp } from '../store/context';

/** The images of a set by id, once they are there. */
export function useDataset(id: string): Dataset | null {
  const upload = useApp((state) => state.upload);
  const bundled = useApp((state) => state.bundled[id]);
  const fetchBundled = useApp((state) => state.fetchBundled);
  const mine = id === 'upload';
  useEffect(() => {
    if (!mine) fetchBundled(id);
  }, [mine, id, fetchBundled]);
  return mine ? upload : (bundled ?? null);
}
