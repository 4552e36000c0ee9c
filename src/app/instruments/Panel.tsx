import type { ReactNode, Ref } from 'react';
import classes from './instruments.module.css';

/** One instrument: a title, what it says in a few words, its switches. */
export function Panel({
  title,
  line,
  tools,
  wide = false,
  ref,
  children,
}: {
  title: string;
  line?: ReactNode;
  tools?: ReactNode;
  wide?: boolean;
  ref?: Ref<HTMLElement>;
  children: ReactNode;
}) {
  return (
    <section
      ref={ref}
      className={wide ? `${classes.panel} ${classes.wide}` : classes.panel}
      aria-label={title}
    >
      <div className={classes.panelHead}>
        <h3>{title}</h3>
        {line && <p>{line}</p>}
        {tools && <div className={classes.tools}>{tools}</div>}
      </div>
      {children}
    </section>
  );
}
