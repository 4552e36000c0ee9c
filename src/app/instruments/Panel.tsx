import type { ReactNode, Ref } from 'react';
import classes from './instruments.module.css';
import { SaveChart } from './SaveChart';

/** One instrument: a title, what it says in a few words, its switches. */
export function Panel({
  title,
  line,
  tools,
  wide = false,
  savable = false,
  ref,
  children,
}: {
  title: string;
  line?: ReactNode;
  tools?: ReactNode;
  wide?: boolean;
  /** Whether it holds a plot that can be taken away. */
  savable?: boolean;
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
        {(tools || savable) && (
          <div className={classes.tools}>
            {tools}
            {savable && <SaveChart title={title} />}
          </div>
        )}
      </div>
      {children}
    </section>
  );
}
