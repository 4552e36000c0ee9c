import { useId, type ReactNode } from 'react';
import type { SizeRemark } from '../../distill/pair';
import { Icon } from '../shell/icons';
import { useView } from '../store/hooks';
import classes from './recipe.module.css';

/** One axis of the recipe: a heading that sums it up, and its form. */
export function Section({
  id,
  title,
  question,
  summary,
  size = null,
  remark = null,
  children,
}: {
  id: string;
  title: string;
  /** The same for a newcomer. */
  question: string;
  summary: string;
  /** What its networks cost. */
  size?: string | null;
  /** Worth reading even while the section is folded. */
  remark?: SizeRemark | null;
  children: ReactNode;
}) {
  const openSections = useView((state) => state.openSections);
  const set = useView((state) => state.set);
  const body = useId();
  const open = openSections.includes(id);
  const toggle = () =>
    set({ openSections: open ? openSections.filter((other) => other !== id) : [...openSections, id] });
  return (
    <section className={classes.section}>
      <h2>
        <button
          type="button"
          className={classes.sectionHead}
          aria-expanded={open}
          aria-controls={open ? body : undefined}
          onClick={toggle}
        >
          <span>
            <b>{title}</b> <span className={classes.question}>{question}</span>
          </span>
          <Icon name="chevron" />
          <small>{summary}</small>
          {size && <small className={classes.size}>{size}</small>}
        </button>
      </h2>
      {remark && (
        <p className={classes.remark} data-tone={remark.tone}>
          {remark.text}
        </p>
      )}
      {open && (
        <div className={classes.sectionBody} id={body}>
          {children}
        </div>
      )}
    </section>
  );
}
