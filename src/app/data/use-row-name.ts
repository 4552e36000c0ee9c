import { useEffect, useState } from 'react';
import type { unpackSources } from '../../storage/row-sources-file';
import type { SetHandle } from '../../storage/set-handle';

type Names = Awaited<ReturnType<typeof unpackSources>>;

const namesIn = async (set: SetHandle): Promise<Names> =>
  set.sources ? (await import('../../storage/checks')).unpackSources(set.sources, set) : null;

/** What the files of a set call a row; "" while it is read, and where they have no name for it. */
export function useRowName(set: SetHandle | null, split: 'train' | 'test', row: number): string {
  const [read, setRead] = useState<{ set: SetHandle; names: Names } | null>(null);
  useEffect(() => {
    let gone = false;
    if (set?.sources)
      void namesIn(set).then((names) => {
        if (!gone) setRead({ set, names });
      });
    return () => {
      gone = true;
    };
  }, [set]);
  return read !== null && read.set === set ? (read.names?.[split].names?.[row] ?? '') : '';
}
