import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import classes from './shell.module.css';

/** A fault in one panel leaves the rest of the page, and the run, alone. */
export function PanelWall({ name, children }: { name: string; children: ReactNode }) {
  return (
    <ErrorBoundary
      fallbackRender={({ error, resetErrorBoundary }) => (
        <div className={classes.fault} role="alert">
          <p>
            {name} could not be drawn: {error instanceof Error ? error.message : String(error)}. Training goes
            on.
          </p>
          <Button variant="default" onClick={resetErrorBoundary}>
            Draw again
          </Button>
        </div>
      )}
    >
      {children}
    </ErrorBoundary>
  );
}
