import { ActionIcon, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useRef, useState } from 'react';
import { Icon } from '../shell/icons';
import { useLibrary, useView } from '../store/hooks';
import type { RunEntry } from '../store/library/library-store';
import { mostCompared } from '../theme/run-styles';
import classes from './runs.module.css';

/** Lays a run over the charts of the run in view, or takes it away again. */
export function CompareToggle({ run: { id, number } }: { run: RunEntry }) {
  const load = useLibrary((state) => state.loadRecord);
  const compare = useView((state) => state.compare);
  const pressed = useView(({ compared }) => compared.includes(id));
  const full = useView(({ compared }) => compared.length >= mostCompared);
  const blocked = full && !pressed;
  const button = useRef<HTMLButtonElement>(null);
  // Made when it is needed, because a list has one in each entry.
  const [isNear, setIsNear] = useState(false);
  const [hasStayed] = useDebouncedValue(isNear, 350);
  const label = pressed
    ? 'Stop comparing'
    : blocked
      ? `${mostCompared} runs are compared already`
      : 'Compare: lay it over the charts';
  return (
    <>
      <ActionIcon
        ref={button}
        className={classes.compare}
        size={24}
        aria-label={`Compare run ${number}`}
        aria-pressed={pressed}
        {...(blocked ? { 'data-disabled': true, 'aria-disabled': true } : {})}
        onPointerEnter={({ pointerType }) => setIsNear(pointerType === 'mouse')}
        onPointerLeave={() => setIsNear(false)}
        onClick={() => {
          if (!blocked) void load(id).then(() => compare(id));
        }}
      >
        <Icon name="compare" size={14} />
      </ActionIcon>
      {isNear && hasStayed && <Tooltip opened w="auto" target={button} label={label} />}
    </>
  );
}
