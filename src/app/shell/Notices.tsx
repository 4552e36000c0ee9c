import { ActionIcon, Button } from '@mantine/core';
import { useEffect } from 'react';
import { knobAt } from '../../distill/recipe';
import { useRecipe, useView } from '../store/hooks';
import type { Notice } from '../store/view/view-store';
import { Icon } from './icons';
import classes from './shell.module.css';

/** Messages that wait until they are read: only an offer whose time is over vanishes by itself. */
export function Notices() {
  const notices = useView((state) => state.notices);
  return (
    <section className={classes.notices} aria-label="Messages" aria-live="assertive">
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function NoticeCard({ notice }: { notice: Notice }) {
  const dismiss = useView((state) => state.dismiss);
  const reveal = useView((state) => state.revealKnob);
  const { id, seconds, action } = notice;
  useEffect(() => {
    if (!seconds) return;
    const timer = window.setTimeout(() => dismiss(id), 1000 * seconds);
    return () => window.clearTimeout(timer);
  }, [dismiss, id, seconds]);
  const label = useRecipe((state) => (notice.knob ? knobAt(state.recipe, notice.knob)?.label : undefined));
  return (
    <article className={classes.notice} data-tone={notice.tone}>
      <h2>{notice.title}</h2>
      <p>{notice.text}</p>
      {notice.details && (
        <ul>
          {notice.details.map((detail) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      )}
      {action && (
        <Button
          variant="default"
          mt={4}
          onClick={() => {
            dismiss(id);
            action.act();
          }}
        >
          {action.label}
        </Button>
      )}
      {label && (
        <Button
          variant="default"
          mt={4}
          onClick={() => {
            reveal(notice.knob!);
            dismiss(notice.id);
          }}
        >
          Go to “{label}”
        </Button>
      )}
      <ActionIcon
        className={classes.noticeClose}
        size={24}
        aria-label="Dismiss this message"
        onClick={() => dismiss(notice.id)}
      >
        <Icon name="close" size={14} />
      </ActionIcon>
    </article>
  );
}
