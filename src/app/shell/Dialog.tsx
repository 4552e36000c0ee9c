import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
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

/** Put together by hand because Mantine's own head is a second banner to screen readers. */
export function Dialog({ title, width, onClose, asks = false, children }: Props) {
  const covered = useView((state) => state.question !== null) && !asks;
  return (
    <Modal.Root opened onClose={onClose} size={width} padding="lg" closeOnEscape={!covered}>
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
