import { lazy, Suspense, type ReactNode } from 'react';
import { Tip } from '../shell/Tip';
import classes from './glossary.module.css';
import type { TermId } from './terms';

/** Loaded when the first word is asked for: the page paints without it. */
const TermText = lazy(() => import('./TermText'));

/** A word of the glossary: what it means is shown on hover, focus and tap. */
export function Explained({ term, children }: { term: TermId; children: ReactNode }) {
  return (
    <Tip
      label={
        <Suspense fallback="…">
          <TermText term={term} />
        </Suspense>
      }
      events={{ hover: true, focus: true, touch: true }}
    >
      <button type="button" className={classes.term}>
        {children}
      </button>
    </Tip>
  );
}
