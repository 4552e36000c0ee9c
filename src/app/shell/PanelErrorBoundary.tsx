import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import classes from './shell.module.css';
import { sentenceOf } from '../../limits/texts';

/** A fault in one panel leaves the rest of the page, and the run, alone. */
export function PanelErrorBoundary({ name, children }: { name: string; children: ReactNode }) {
  return (
    <ErrorBoundary
      fallbackRender={({ error, resetErrorBoundary }) => (
        <div className={classes.fault} role="alert">
          <p>
            {name} could not be drawn: {sentenceOf(error)} Training goes on.
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
