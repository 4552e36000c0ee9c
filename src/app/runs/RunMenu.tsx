import { ActionIcon, Menu } from '@mantine/core';
import { lazy, Suspense, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Icon } from '../shell/icons';
import { useData, useLibrary, useRuns, useView } from '../store/hooks';
import type { RunEntry } from '../store/library/library-store';
import { canContinue, placeText } from '../store/library/library-store';
import { mostCompared } from '../theme/run-styles';
import { RunFiles } from './RunFiles';
import classes from './runs.module.css';

const RunNotes = lazy(() => import('./RunNotes'));

/** What can be done with a run: its button alone until that is pressed, because a list has one in each entry. */
export function RunMenu({ run }: { run: RunEntry }) {
  const load = useLibrary((state) => state.loadRecord);
  /** Its button has been pressed. */
  const [isMade, setIsMade] = useState(false);
  const [opened, setOpened] = useState(false);
  const [isLoaded, setIsLoaded] = useState(false);
  const [described, setDescribed] = useState(false);
  const target = useRef<HTMLButtonElement>(null);
  const read = () => void load(run.id).then(() => setIsLoaded(true));
  const make = () => {
    flushSync(() => setIsMade(true));
    // The menu gives the focus back to what had it when it opened: its own button takes it over from the one that stood alone.
    target.current?.focus();
    setOpened(true);
    // The menu tells of being opened only where it did so itself.
    read();
  };
  const button = {
    className: classes.menu,
    size: 24,
    'aria-label': `Run ${run.number}: more`,
    children: <Icon name="more" size={14} />,
  };
  if (!isMade) return <ActionIcon {...button} aria-haspopup="menu" aria-expanded={false} onClick={make} />;
  return (
    <>
      <Menu width={260} opened={opened} onChange={setOpened} onOpen={read}>
        <Menu.Target>
          <ActionIcon {...button} ref={target} />
        </Menu.Target>
        <Menu.Dropdown>
          <Items run={run} isLoaded={isLoaded} onDescribe={() => setDescribed(true)} />
        </Menu.Dropdown>
      </Menu>
      {described && (
        <Suspense fallback={null}>
          <RunNotes run={run} onClose={() => setDescribed(false)} />
        </Suspense>
      )}
    </>
  );
}

interface ItemsProps {
  run: RunEntry;
  /** Its record has been read. */
  isLoaded: boolean;
  onDescribe: () => void;
}

function Items({ run, isLoaded, onDescribe }: ItemsProps) {
  const active = useLibrary((state) => state.active);
  const load = useLibrary((state) => state.loadRecord);
  const takeRecipe = useRuns((state) => state.takeRecipe);
  const resume = useRuns((state) => state.continueRun);
  const compare = useView((state) => state.compare);
  const compared = useView((state) => state.compared.includes(run.id));
  const full = useView((state) => state.compared.length >= mostCompared);
  const keepState = useRuns((state) => state.keepState);
  const teach = useData((state) => state.teachFromRun);
  const isNewest = useLibrary((state) => state.runs.at(-1)?.id === run.id);
  const discard = useLibrary((state) => state.discard);
  const saveRunFile = useLibrary((state) => state.saveRunFile);
  return (
    <>
      {canContinue(run) && (
        <Menu.Item disabled={active !== null} onClick={() => resume(run.id)}>
          Resume from {placeText(run.saved)}
        </Menu.Item>
      )}
      {run.kept.map((state) => (
        <Menu.Item
          key={state.path}
          disabled={active !== null || run.elsewhere}
          onClick={() => resume(run.id, state.path)}
        >
          Go back to {placeText(state)}, which was kept
        </Menu.Item>
      ))}
      {active === run.id && run.stored && (
        <Menu.Item onClick={keepState}>Keep its state as it is now</Menu.Item>
      )}
      <Menu.Item disabled={active !== null} onClick={() => void takeRecipe(run.id)}>
        Use this configuration
      </Menu.Item>
      {(run.weights.ends.includes('student') || (isNewest && run.final?.student !== undefined)) && (
        <Menu.Item disabled={active !== null} onClick={() => void teach(run.id, 'student')}>
          Its student teaches next
        </Menu.Item>
      )}
      <Menu.Item onClick={onDescribe}>Name and notes</Menu.Item>
      <Menu.Item disabled={full && !compared} onClick={() => void load(run.id).then(() => compare(run.id))}>
        {compared ? 'Stop comparing' : 'Compare: lay it over the charts'}
      </Menu.Item>
      {isLoaded && <RunFiles run={run} />}
      <Menu.Item
        disabled={!run.stored || active === run.id || run.elsewhere}
        onClick={() => void saveRunFile(run.id)}
      >
        Whole run as one file
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item disabled={active === run.id || run.elsewhere} onClick={() => discard(run.id)}>
        Delete
      </Menu.Item>
    </>
  );
}
