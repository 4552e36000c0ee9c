import '@mantine/core/styles/Pill.layer.css';
import '@mantine/core/styles/PillsInput.layer.css';
import { Button, MultiSelect, Select, TagsInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { axisKnobs, firstValues, type Axis, type AxisKnob } from '../../experiment/axes';
import { shownValue, type KnobValue } from '../../distill/knobs';
import type { Recipe } from '../../distill/recipe';
import { midSentence } from '../../limits/texts';
import { Icon } from '../shell/icons';
import { RangeFields } from './RangeFields';
import classes from './experiment.module.css';

export interface AxisFieldsProps {
  recipe: Recipe;
  axes: readonly Axis[];
  onChange: (axes: readonly Axis[]) => void;
  /** Path of the axis that the form was opened for, which gets the focus. */
  wanted: string | null;
}

/** The axes that are asked for most, by their path. */
const shortcuts = [
  { path: 'student.network', label: 'Student networks' },
  { path: 'material.dataset', label: 'Data sets' },
  { path: 'material.labelsPerClass', label: 'Labels per class' },
];

/** More axes make more rows than a table can show. */
const mostAxes = 3;

/** Knobs that are swept: each is tried with all of its values. */
export function AxisFields({ recipe, axes, onChange, wanted }: AxisFieldsProps) {
  /** The axis that was asked for last, which is gone to. */
  const [fresh, setFresh] = useState(wanted);
  const knobs = axisKnobs(recipe);
  const change = (place: number, axis: Axis) => onChange(axes.map((old, i) => (i === place ? axis : old)));
  const free = knobs.filter(({ path }) => axes.every(({ knob }) => knob !== path));
  const add = (path: string | null) => {
    const about = knobs.find((known) => known.path === path);
    if (!about) return;
    setFresh(about.path);
    onChange([...axes, { knob: about.path, values: firstValues(about) }]);
  };
  const options = [...new Set(free.map(({ section }) => section))].map((group) => ({
    group,
    items: free
      .filter(({ section }) => section === group)
      .map(({ path, knob }) => ({ value: path, label: knob.label })),
  }));
  return (
    <div className={classes.axes}>
      {axes.map((axis, place) => {
        const about = knobs.find(({ path }) => path === axis.knob);
        if (!about) return null;
        return (
          <div key={axis.knob} className={classes.axis}>
            <div>
              <Values
                about={about}
                values={axis.values}
                isFresh={axis.knob === fresh}
                onChange={(values) => change(place, { ...axis, values })}
              />
            </div>
            <Button
              variant="subtle"
              size="compact-sm"
              aria-label={`Do not sweep ${midSentence(about.knob.label)}`}
              onClick={() => onChange(axes.filter((_, i) => i !== place))}
            >
              Remove
            </Button>
          </div>
        );
      })}
      {axes.length < mostAxes && (
        <div className={classes.shortcuts} role="group" aria-label="Common sweeps">
          {shortcuts
            .filter(({ path }) => free.some((knob) => knob.path === path))
            .map(({ path, label }) => (
              <Button
                key={path}
                variant="default"
                size="compact-sm"
                leftSection={<Icon name="plus" size={12} />}
                onClick={() => add(path)}
              >
                {label}
              </Button>
            ))}
        </div>
      )}
      {axes.length < mostAxes && (
        <Select
          label="Sweep a knob"
          description="Each method is trained with each of its values. Methods without this knob stay one row."
          placeholder="Choose a knob of the recipe"
          searchable
          value={null}
          data={options}
          maw={420}
          onChange={add}
        />
      )}
    </div>
  );
}

interface ValuesProps {
  about: AxisKnob;
  values: readonly KnobValue[];
  /** It is scrolled to and gets the focus. */
  isFresh: boolean;
  onChange: (values: KnobValue[]) => void;
}

function Values({ about: { knob, section }, values, isFresh, onChange }: ValuesProps) {
  const field = useRef<HTMLInputElement>(null);
  const [isRange, setIsRange] = useState(false);
  useEffect(() => {
    if (!isFresh) return;
    field.current?.focus({ preventScroll: true });
    field.current?.scrollIntoView({ block: 'center' });
  }, [isFresh]);
  // The dialog gives it the focus where it opens after this.
  const first = { ref: field, ...(isFresh ? { 'data-autofocus': true } : {}) };
  const label = `${knob.label}${knob.unit ? `, ${knob.unit}` : ''} (${section})`;
  if (knob.kind === 'choice' || knob.kind === 'switch') {
    const offered: KnobValue[] =
      knob.kind === 'switch' ? [false, true] : knob.options.map((option) => option.value);
    return (
      <MultiSelect
        {...first}
        size="xs"
        label={label}
        description={knob.help}
        data={offered.map((value) => ({ value: String(value), label: shownValue(knob, value) }))}
        value={values.map(String)}
        onChange={(chosen) => onChange(offered.filter((value) => chosen.includes(String(value))))}
      />
    );
  }
  const names = knob.kind === 'text' ? knob.suggestions : [];
  const read = (text: string): KnobValue => {
    const number = Number(text.replace(',', '.'));
    return knob.kind === 'number' && Number.isFinite(number) ? number : text;
  };
  const numbers = values.filter((value) => typeof value === 'number');
  return (
    <>
      <TagsInput
        {...first}
        size="xs"
        label={label}
        description={`${knob.help} Type a value and press Enter.`}
        splitChars={[';', ' ']}
        data={names.map(({ value }) => value)}
        renderOption={({ option }) =>
          names.find(({ value }) => value === option.value)?.label ?? option.value
        }
        value={values.map(String)}
        onChange={(texts) => onChange(texts.map(read))}
      />
      {knob.kind === 'number' && (
        <Button
          variant="subtle"
          size="compact-xs"
          aria-expanded={isRange}
          onClick={() => setIsRange(!isRange)}
        >
          {isRange ? 'Close the range' : 'Range or log steps'}
        </Button>
      )}
      {knob.kind === 'number' && isRange && (
        <RangeFields
          knob={knob}
          values={numbers.length > 0 ? numbers : [knob.min, knob.max]}
          onChange={onChange}
        />
      )}
    </>
  );
}
