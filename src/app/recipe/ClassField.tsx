import { Select } from '@mantine/core';
import type { NumberKnob } from '../../distill/knobs';
import { useRuns } from '../store/hooks';
import type { FieldProps } from './KnobField';
import classes from './recipe.module.css';

/** One of the data set's classes by its name, or none. */
export function ClassField({ value, field, commit }: FieldProps<NumberKnob, number>) {
  const names = useRuns((state) => state.facts?.dataset.classes) ?? [];
  const options = [
    { value: '-1', label: 'None' },
    ...names.map((name, place) => ({ value: String(place), label: name })),
  ];
  // A recipe may name a class that this data set lacks; it stays to be seen.
  if (value >= names.length) options.push({ value: String(value), label: `Number ${value}` });
  return (
    <Select
      {...field}
      className={classes.wide}
      allowDeselect={false}
      searchable={names.length > 12}
      comboboxProps={{ shadow: 'sm' }}
      value={String(value)}
      onChange={(next) => next !== null && commit(Number(next))}
      data={options}
    />
  );
}
