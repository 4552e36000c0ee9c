import { ActionIcon, FocusTrap, Tooltip } from '@mantine/core';
import { useEffect, useState, type ReactNode, type Ref } from 'react';
import { useSaving } from '../figures/use-saving';
import { Explained } from '../glossary/Explained';
import type { TermId } from '../glossary/terms';
import { Icon } from '../shell/icons';
import classes from './instruments.module.css';

/** One instrument: a title, a line of text, its switches. It can fill the window, and what it draws can be saved. */
export function Panel({
  title,
  term,
  line,
  tools,
  wide = false,
  empty = false,
  enlarges = true,
  ref,
  children,
}: {
  title: string;
  /** What the title means, in the glossary. */
  term?: TermId;
  line?: ReactNode;
  tools?: ReactNode;
  wide?: boolean;
  /** Whether it only says what will be drawn here. */
  empty?: boolean;
  /** Whether it can fill the window. */
  enlarges?: boolean;
  ref?: Ref<HTMLElement>;
  children: ReactNode;
}) {
  const [fills, setFills] = useState(false);
  const saving = useSaving(title, fills, children);
  useEffect(() => {
    if (!fills) return undefined;
    const leave = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) setFills(false);
    };
    window.addEventListener('keydown', leave);
    return () => window.removeEventListener('keydown', leave);
  }, [fills]);
  return (
    <FocusTrap active={fills && !saving.open}>
      <section
        ref={ref}
        className={[classes.panel, wide && classes.wide, fills && classes.fills].filter(Boolean).join(' ')}
        aria-label={title}
        {...(fills ? { role: 'dialog', 'aria-modal': true } : {})}
      >
        <div className={classes.panelHead}>
          <h3>{term ? <Explained term={term}>{title}</Explained> : title}</h3>
          {line && <p>{line}</p>}
          <div className={classes.tools}>
            {tools}
            {!empty && saving.button}
            {!empty && enlarges && (
              <Tooltip label={fills ? 'Back to the page' : 'Fill the window'} w="auto">
                <ActionIcon
                  size={24}
                  aria-label={fills ? `Back to the page: ${title}` : `Fill the window: ${title}`}
                  onClick={() => setFills(!fills)}
                >
                  <Icon name={fills ? 'close' : 'expand'} size={14} />
                </ActionIcon>
              </Tooltip>
            )}
          </div>
        </div>
        {saving.figure}
      </section>
    </FocusTrap>
  );
}
