import { Modal } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { useEffect, useId, type ReactNode } from 'react';
import { create } from 'zustand';
import { useView } from '../store/hooks';
import classes from './shell.module.css';

interface Props {
  title: string;
  width: number;
  onClose: () => void;
  /** It asks something about the dialog below, which the Escape key then leaves open. */
  asks?: boolean;
  children: ReactNode;
}

/** Open dialogs, the one on top last: the Escape key closes that one alone. */
const useStack = create<{ open: readonly string[] }>()(() => ({ open: [] }));

/** Whether the Escape key closes what it was pressed in: a list or a menu that is open in the dialog, or a field in such a menu. */
function closesItself(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('[data-mantine-stop-propagation="true"], [role="menu"]') !== null
  );
}

/** Put together by hand because Mantine's own head is a second banner to screen readers. */
export function Dialog({ title, width, onClose, asks = false, children }: Props) {
  const id = useId();
  const below = useStack(({ open }) => open.includes(id) && open.at(-1) !== id);
  const covered = (useView((state) => state.question !== null) && !asks) || below;
  useWindowEvent(
    'keydown',
    ({ key, isComposing, target }) => {
      if (key === 'Escape' && !isComposing && !covered && !closesItself(target)) onClose();
    },
    // Before the menu is gone.
    { capture: true },
  );
  useEffect(() => {
    useStack.setState(({ open }) => ({ open: [...open, id] }));
    return () => useStack.setState(({ open }) => ({ open: open.filter((other) => other !== id) }));
  }, [id]);
  return (
    <Modal.Root opened onClose={onClose} size={width} padding="lg" closeOnEscape={false}>
      <Modal.Overlay color="var(--veil)" backgroundOpacity={1} />
      <Modal.Content>
        <div className={classes.dialogHead}>
          <Modal.Title className={classes.dialogTitle}>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
