import { Autocomplete } from '@mantine/core';
import { useMemo, useState } from 'react';
import { knobProblem, type TextKnob } from '../../distill/knobs';
import { networkProblem } from '../../nn/network-names';
import { networkRefusal, useSetShape } from './data-kind';
import type { FieldProps } from './KnobField';
import type { SetShape } from './propose-pair';
import classes from './recipe.module.css';

interface Props extends FieldProps<TextKnob, string> {
  /** Where the knob is in the recipe. */
  path: string;
}

/** Free text with suggestions: the name of a network. */
export function TextField({ knob, path, value, field, commit }: Props) {
  const [draft, setDraft] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  const settle = (text: string | null) => {
    if (text === null) return;
    const typed = text.trim();
    if (!knobProblem(knob, typed) && typed !== value) commit(typed);
    setDraft(null);
  };
  const labels = new Map<string, string>(knob.suggestions.map((known) => [known.value, known.label]));
  // As text, which stays the same from draw to draw.
  const data = JSON.stringify(useSetShape());
  const role = path.startsWith('student.') ? 'student' : 'teacher';
  const refusals = useMemo(
    () => refusalsOf(knob, JSON.parse(data) as SetShape | null, role),
    [knob, data, role],
  );
  // The whole list is offered until something else is typed.
  const untouched = draft === null || draft === value;
  return (
    <>
      <Autocomplete
        {...field}
        className={classes.wide}
        autoComplete="off"
        comboboxProps={{ shadow: 'sm' }}
        data={[...labels.keys()].map((name) => ({ value: name, disabled: refusals.has(name) }))}
        {...(untouched ? { filter: ({ options }) => options } : {})}
        renderOption={({ option }) => (
          <span data-refused={refusals.has(option.value) || undefined}>
            {option.value}
            <br />
            <small className={classes.muted}>{refusals.get(option.value) ?? labels.get(option.value)}</small>
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

/** Networks among the suggestions that cannot take the data, with the reason. */
function refusalsOf(
  { suggestions, problem }: TextKnob,
  set: SetShape | null,
  role: 'student' | 'teacher',
): Map<string, string> {
  if (problem !== networkProblem) return new Map();
  return new Map(
    suggestions.flatMap(({ value }) => {
      const why = networkRefusal(value, set, role);
      return why ? [[value, why] as const] : [];
    }),
  );
}
