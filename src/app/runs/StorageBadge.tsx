import { Button, Popover } from '@mantine/core';
import { useState } from 'react';
import { bytes } from '../format';
import { useLibrary, useRunEntries, useView } from '../store/hooks';
import classes from './runs.module.css';

/** How much the browser keeps of this page, and whether it may clear it. */
export default function StorageBadge() {
  const keeping = useLibrary((state) => state.keeping);
  const notKept = useLibrary((state) => state.notKept);
  const usage = useLibrary((state) => state.usage);
  const persist = useLibrary((state) => state.persist);
  const measure = useLibrary((state) => state.measureUsage);
  const runs = useRunEntries();
  const set = useView((state) => state.set);
  const [opened, setOpened] = useState(false);
  if (keeping === null) return null;
  const kept = runs.filter(({ stored }) => stored).length;
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      width={320}
      position="top-start"
      trapFocus
      returnFocus
      onOpen={() => void measure()}
    >
      <Popover.Target>
        <button type="button" className={classes.fold} onClick={() => setOpened(!opened)}>
          {keeping ? (usage ? `${bytes(usage.bytes)} stored` : 'Stored here') : 'Not stored'}
        </button>
      </Popover.Target>
      <Popover.Dropdown className={classes.storage} aria-label="Storage">
        <h2>On this machine, and nowhere else</h2>
        {keeping ? (
          <>
            <p>
              {kept === 1 ? '1 run is' : `${kept} runs are`} kept in this browser, with the data they were
              trained on and your own teachers. Nothing is sent anywhere.
            </p>
            {usage && (
              <p>
                They take {bytes(usage.bytes)} of the {bytes(usage.quota)} that the browser allows this page.{' '}
                {usage.persistent
                  ? 'The browser has promised not to clear it by itself.'
                  : 'When the disk gets full, the browser may clear it.'}
              </p>
            )}
            <Button
              variant="default"
              onClick={() => {
                setOpened(false);
                set({ panel: 'kept-teachers' });
              }}
            >
              Kept teachers
            </Button>
            {usage && !usage.persistent && (
              <Button variant="default" onClick={() => void persist()}>
                Ask the browser to keep it
              </Button>
            )}
          </>
        ) : (
          <p>{notKept} Runs are gone when this tab is closed: save what you need as files.</p>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
