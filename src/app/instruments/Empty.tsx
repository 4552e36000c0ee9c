import type { ReactNode } from 'react';
import classes from './instruments.module.css';

/** Takes the place of a figure and states what will appear there and when. `height`: that of the figure, in pixels. */
export function Empty({ height, children }: { height?: number; children: ReactNode }) {
  return (
    <div className={classes.emptyPanel} data-empty style={height ? { minHeight: height } : undefined}>
      {children}
    </div>
  );
}
