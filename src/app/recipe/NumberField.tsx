import { TextInput } from '@mantine/core';
import { useState, type CSSProperties, type KeyboardEvent } from 'react';
import { knobProblem, type NumberKnob } from '../../distill/knobs';
import type { FieldProps } from './KnobField';
import { fromShare, hasSlider, nudged, numberText, parseNumber, toShare } from './numbers';
import classes from './recipe.module.css';

export function NumberField({ knob, value, field, commit }: FieldProps<NumberKnob, number>) {
  /** What is being typed, or null while the field shows the value. */
  const [draft, setDraft] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  /** Place of a slider that is being dragged. */
  const [dragged, setDragged] = useState<number | null>(null);

  const type = (text: string) => {
    setDraft(text);
    setProblem(knobProblem(knob, parseNumber(text)));
  };
  /** A bad number is refused beside the field; the last good one stays. */
  const settle = () => {
    if (draft === null) return;
    const typed = parseNumber(draft);
    if (!knobProblem(knob, typed) && typed !== value) commit(typed);
    setDraft(null);
  };
  const put = (next: number) => {
    setDraft(null);
    setProblem(null);
    if (next !== value) commit(next);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') settle();
    if (event.key === 'Escape') {
      setDraft(null);
      setProblem(null);
    }
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    put(nudged(knob, value, event.key === 'ArrowUp' ? 1 : -1, event.shiftKey));
  };
  const release = () => {
    if (dragged !== null) put(fromShare(knob, dragged / 1000));
    setDragged(null);
  };

  const shown = dragged === null ? value : fromShare(knob, dragged / 1000);
  const place = dragged ?? Math.round(toShare(knob, value) * 1000);
  return (
    <>
      <TextInput
        {...field}
        role="spinbutton"
        inputMode="decimal"
        aria-valuenow={value}
        aria-valuemin={knob.min}
        aria-valuemax={knob.max}
        autoComplete="off"
        error={problem !== null}
        value={draft ?? numberText(shown)}
        onChange={(event) => type(event.currentTarget.value)}
        onBlur={settle}
        onKeyDown={onKey}
      />
      {hasSlider(knob) && (
        // The field above does the same by keyboard and for screen readers.
        <input
          type="range"
          className={classes.range}
          aria-hidden="true"
          tabIndex={-1}
          disabled={field.disabled}
          min={0}
          max={1000}
          value={place}
          style={{ '--filled': `${place / 10}%` } as CSSProperties}
          onChange={(event) => setDragged(Number(event.currentTarget.value))}
          onPointerUp={release}
          onPointerCancel={release}
          onBlur={release}
        />
      )}
      {problem && (
        <div className={classes.problem} role="alert">
          {knob.label} {problem}. Kept: {numberText(value)}.
        </div>
      )}
    </>
  );
}
