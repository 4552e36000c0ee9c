import { Menu } from '@mantine/core';
import { useApp } from '../store/context';
import type { RunEntry } from '../store/runs';

/** The way to all that can be taken away from a run. */
export function RunFiles({ run }: { run: RunEntry }) {
  const open = useApp((state) => state.openExport);
  return <Menu.Item onClick={() => open(run.id)}>Save and export</Menu.Item>;
}
