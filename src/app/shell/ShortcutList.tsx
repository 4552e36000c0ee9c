import { Kbd, Modal } from '@mantine/core';
import { useApp } from '../store/context';
import classes from './shell.module.css';
import { shortcuts } from './use-shortcuts';

export default function ShortcutList() {
  const set = useApp((state) => state.set);
  return (
    <Modal opened onClose={() => set({ panel: null })} title="Keyboard shortcuts" size="sm">
      <dl className={classes.shortcuts}>
        {shortcuts.map(({ keys, does }) => (
          <div key={keys} style={{ display: 'contents' }}>
            <dt>
              <Kbd>{keys}</Kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
