import { Menu } from '@mantine/core';
import { useLibrary } from '../store/hooks';
import type { RunEntry } from '../store/library/library-store';

/** The way to all that can be taken away from a run. */
export function RunFiles({ run }: { run: RunEntry }) {
  const open = useLibrary((state) => state.openExport);
  return <Menu.Item onClick={() => open(run.id)}>Save and export</Menu.Item>;
}
