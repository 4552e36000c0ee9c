import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './glossary.module.css';
import { terms, type TermId } from './terms';

/** A word of the glossary: what it means is shown on hover, focus and tap. */
export function Explained({ term, children }: { term: TermId; children: ReactNode }) {
  return (
    <Tooltip label={terms[term].text} events={{ hover: true, focus: true, touch: true }}>
      <button type="button" className={classes.term}>
        {children}
      </button>
    </Tooltip>
  );
}
