import { Kbd } from '@mantine/core';
import { Dialog } from './Dialog';
import { useView } from '../store/hooks';
import classes from './shell.module.css';
import { shortcuts } from './use-shortcuts';

export default function ShortcutList() {
  const set = useView((state) => state.set);
  return (
    <Dialog onClose={() => set({ panel: null })} title="Keyboard shortcuts" width={420}>
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
    </Dialog>
  );
}
