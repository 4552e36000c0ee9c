import { Autocomplete } from '@mantine/core';
import { useState } from 'react';
import { knobProblem, type TextKnob } from '../../distill/knobs';
import type { FieldProps } from './KnobField';
import classes from './recipe.module.css';

/** Free text with suggestions: the name of a network. */
export function TextField({ knob, value, field, commit }: FieldProps<TextKnob, string>) {
  const [draft, setDraft] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  const settle = (text: string | null) => {
    if (text === null) return;
    const typed = text.trim();
    if (!knobProblem(knob, typed) && typed !== value) commit(typed);
    setDraft(null);
  };
  const labels = new Map<string, string>(knob.suggestions.map((known) => [known.value, known.label]));
  // The whole list is offered until something else is typed.
  const untouched = draft === null || draft === value;
  return (
    <>
      <Autocomplete
        {...field}
        className={classes.wide}
        autoComplete="off"
        comboboxProps={{ shadow: 'sm' }}
        data={[...labels.keys()]}
        {...(untouched ? { filter: ({ options }) => options } : {})}
        renderOption={({ option }) => (
          <span>
            {option.value}
            <br />
            <small className={classes.muted}>{labels.get(option.value)}</small>
          </span>
        )}
        error={problem !== null}
        value={draft ?? value}
        onChange={(text) => {
          setDraft(text);
          setProblem(knobProblem(knob, text.trim()));
        }}
        onOptionSubmit={(text) => {
          setProblem(null);
          settle(text);
        }}
        onBlur={() => settle(draft)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') settle(draft);
        }}
      />
      {problem && (
        <div className={classes.problem} role="alert">
          {knob.label} {problem}. Kept: {value}.
        </div>
      )}
    </>
  );
}
