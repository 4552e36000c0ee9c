import { useEffect, useState } from 'react';
import type { SetHandle } from '../../storage/set-handle';
import type { RunId } from '../../worker/training-protocol';
import { useData } from '../store/hooks';

/** The data set that a run was trained on: undefined while it is opened, null where it is not here. */
export function useRunSet(run: RunId): SetHandle | null | undefined {
  const setOfRun = useData((state) => state.setOfRun);
  const [opened, setOpened] = useState<{ run: RunId; set: SetHandle | null } | null>(null);
  useEffect(() => {
    let gone = false;
    void setOfRun(run).then((set) => {
      if (!gone) setOpened({ run, set });
    });
    return () => {
      gone = true;
    };
  }, [run, setOfRun]);
  return opened?.run === run ? opened.set : undefined;
}
