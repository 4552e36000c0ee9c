import { FileButton } from '@mantine/core';
import { lazy, Suspense, useRef, useState } from 'react';
import { useLibrary, useRunEntries } from '../store/hooks';
import classes from './runs.module.css';

/** Not for the first paint, when there is no run and nothing is known of the storage. */
const StorageBadge = lazy(() => import('./StorageBadge'));
const RunList = lazy(() => import('./RunList'));

/** All runs, the newest first. */
export function RunsPanel() {
  const runs = useRunEntries();
  // On a low window the curves need the room.
  const [folded, setFolded] = useState(() => window.innerWidth > 820 && window.innerHeight < 800);
  return (
    <section className={classes.panel} aria-label="Runs">
      <div className={classes.head} data-folded={folded || undefined}>
        <h2>Runs</h2>
        {runs.length > 0 && (
          <button
            type="button"
            className={classes.fold}
            aria-expanded={!folded}
            onClick={() => setFolded(!folded)}
          >
            {folded ? `Show ${runs.length}` : 'Fold away'}
          </button>
        )}
        <OpenRunFile />
        <Suspense fallback={null}>
          <StorageBadge />
        </Suspense>
      </div>
      {runs.length === 0 && (
        <p className={classes.empty}>
          Every run is kept here, with its changes from the run before. Runs and data stay on this machine.
        </p>
      )}
      {runs.length > 0 && !folded && (
        <Suspense fallback={null}>
          <RunList />
        </Suspense>
      )}
    </section>
  );
}

/** The way to a run that was saved as a file, here or on another machine, or was trained by another program. */
function OpenRunFile() {
  const open = useLibrary((state) => state.openRunFile);
  const reset = useRef<() => void>(null);
  return (
    <FileButton
      multiple
      resetRef={reset}
      onChange={(files) => {
        if (files.length > 0) open(files.map((bytes) => ({ path: bytes.name, bytes })));
        // The same file can be chosen again.
        reset.current?.();
      }}
    >
      {(props) => (
        <button
          {...props}
          type="button"
          className={classes.fold}
          title="A run that was saved from this page, or metrics.json and student.safetensors of one that was trained elsewhere"
        >
          Open a run file…
        </button>
      )}
    </FileButton>
  );
}
