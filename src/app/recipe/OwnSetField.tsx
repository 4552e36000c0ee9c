import { Button, Select } from '@mantine/core';
import { useEffect } from 'react';
import type { TextKnob } from '../../distill/knobs';
import { useData, useView } from '../store/hooks';
import type { FieldProps } from './KnobField';
import classes from './recipe.module.css';

/** Another image set that is kept in this browser, by its title. */
export function OwnSetField({ value, field, commit }: FieldProps<TextKnob, string>) {
  const sets = useData((state) => state.sets);
  const readSets = useData((state) => state.readSets);
  const taken = useData((state) => state.uploadHash);
  const set = useView((state) => state.set);
  // Another tab may have kept or deleted one.
  useEffect(() => void readSets(), [readSets]);
  const options = sets
    .filter(({ shape, inputs }) => (inputs ? Object.values(inputs)[0]?.kind === 'image' : shape.length === 3))
    .map(({ hash, title }) => ({ value: hash, label: hash === taken ? `${title} (chosen above)` : title }));
  // A recipe may name a set that is kept elsewhere; it stays to be seen.
  if (value !== '' && !options.some((option) => option.value === value))
    options.push({ value, label: 'Not kept in this browser' });
  if (options.length === 0)
    return (
      <div className={classes.wide}>
        <p className={classes.muted}>No image set of your own is kept in this browser yet.</p>
        <Button variant="default" disabled={field.disabled} onClick={() => set({ panel: 'data' })}>
          Import one
        </Button>
      </div>
    );
  return (
    <Select
      {...field}
      className={classes.wide}
      allowDeselect={false}
      comboboxProps={{ shadow: 'sm' }}
      placeholder="Choose a set"
      value={value === '' ? null : value}
      onChange={(next) => next !== null && commit(next)}
      data={options}
    />
  );
}
