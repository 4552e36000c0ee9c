import { SegmentedControl, Select } from '@mantine/core';
import type { ChoiceKnob } from '../../distill/knobs';
import type { FieldProps } from './KnobField';
import classes from './recipe.module.css';

interface Props extends FieldProps<ChoiceKnob, string> {
  /** Why an option cannot be taken now, or null. */
  optionProblem?: ((value: string) => string | null) | undefined;
}

/** A few short options lie open; the rest fold into a list. */
export function ChoiceField({ knob, value, field, commit, optionProblem }: Props) {
  const letters = knob.options.reduce((sum, option) => sum + option.label.length, 0);
  if (knob.options.length <= 4 && letters <= 28)
    return (
      <SegmentedControl
        className={classes.wide}
        fullWidth
        aria-label={knob.label}
        disabled={field.disabled}
        value={value}
        onChange={commit}
        data={knob.options.map(({ value: one, label }) => ({ value: one, label }))}
      />
    );
  return (
    <Select
      {...field}
      className={classes.wide}
      allowDeselect={false}
      comboboxProps={{ shadow: 'sm' }}
      value={value}
      onChange={(next) => next !== null && commit(next)}
      data={knob.options.map((option) => {
        const why = optionProblem?.(option.value) ?? null;
        return {
          value: option.value,
          label: why ? `${option.label}, ${why}` : option.label,
          disabled: why !== null,
        };
      })}
    />
  );
}
