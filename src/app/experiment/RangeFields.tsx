import { Button, NumberInput, Select } from '@mantine/core';
import { useState } from 'react';
import { mostValues, readAxes } from '../../experiment/axes';
import type { NumberKnob, Problem } from '../../distill/knobs';
import classes from './experiment.module.css';

interface RangeFieldsProps {
  knob: NumberKnob;
  /** Those that are there, which the fields begin with. */
  values: readonly number[];
  onChange: (values: number[]) => void;
}

type Scale = 'linear' | 'log';

/** Values of a swept knob as a range, in place of typing them one by one. */
export function RangeFields({ knob, values, onChange }: RangeFieldsProps) {
  const [from, setFrom] = useState<string | number>(Math.min(...values));
  const [to, setTo] = useState<string | number>(Math.max(...values));
  const [count, setCount] = useState<string | number>(Math.max(3, values.length));
  const [scale, setScale] = useState<Scale>(knob.scale ?? 'linear');
  const [problem, setProblem] = useState<string | null>(null);
  const fill = () => {
    const problems: Problem[] = [];
    const [first, last, many] = [from, to, count].map((text) => (text === '' ? null : Number(text)));
    const axes = readAxes([{ knob: 'range', from: first, to: last, count: many, scale }], problems);
    setProblem(problems[0]?.message ?? null);
    const found = axes?.[0]?.values as number[] | undefined;
    if (found) onChange([...new Set(found.map((value) => (knob.integer ? Math.round(value) : value)))]);
  };
  const ends = { size: 'xs', w: 96, min: knob.min, max: knob.max, allowNegative: knob.min < 0 } as const;
  return (
    <div className={classes.range} role="group" aria-label={`Range of ${knob.label}`}>
      <NumberInput {...ends} label="From" value={from} onChange={setFrom} />
      <NumberInput {...ends} label="To" value={to} onChange={setTo} />
      <NumberInput
        size="xs"
        w={84}
        label="Values"
        min={2}
        max={mostValues}
        allowDecimal={false}
        value={count}
        onChange={setCount}
      />
      <Select
        size="xs"
        w={148}
        label="Spaced by"
        allowDeselect={false}
        value={scale}
        onChange={(value) => value && setScale(value as Scale)}
        data={[
          { value: 'linear', label: 'Equal steps' },
          { value: 'log', label: 'Equal ratios (log)' },
        ]}
      />
      <Button size="xs" variant="default" onClick={fill}>
        Fill in
      </Button>
      {problem && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
