import type { ReactNode } from 'react';
import classes from './figures.module.css';
import { useSaving } from './use-saving';

/** A figure outside an instrument's panel: what it is called, the button that saves it, the figure. */
export function SavedFigure({
  title,
  heading,
  aside = false,
  children,
}: {
  /** Names the file. */
  title: string;
  /** Stands over it on the page; none where the figure says itself what it is. */
  heading?: string;
  /** In files alone. */
  aside?: boolean;
  children: ReactNode;
}) {
  const saving = useSaving(title, false, children, aside);
  return (
    <>
      {heading ? (
        <div className={classes.head}>
          <h3>{heading}</h3>
          {saving.button}
        </div>
      ) : (
        saving.button
      )}
      {saving.figure}
    </>
  );
}
