import { useState } from 'react';
import { appliesTo, type Knobs, type KnobValues } from '../../distill/knobs';
import { useView } from '../store/hooks';
import { hiddenText, kindOf, useSetShape } from './data-kind';
import { KnobField } from './KnobField';
import classes from './recipe.module.css';

interface Props {
  knobs: Knobs;
  /** Path of the section in the recipe: "material", "hints.0.knobs". */
  path: string;
  /** Values of the whole section, for knobs that depend on another. */
  values: KnobValues;
  /** Knobs that are shown elsewhere. */
  omit?: readonly string[];
  /** What the dots reset to, where that is not the knob's own default. */
  resets?: KnobValues;
  /** Numbers that words among the values stand for. */
  standsFor?: Readonly<Record<string, number>>;
  optionProblem?: (name: string, value: string) => string | null;
}

/** The form of a set of knobs, all of it from their descriptions. */
export function KnobForm({ knobs, path, values, omit = [], resets, standsFor, optionProblem }: Props) {
  const [unfolded, setUnfolded] = useState(false);
  const revealed = useView((state) => state.reveal?.path);
  const set = useSetShape();
  const shown = Object.entries(knobs).filter(
    ([name, knob]) =>
      !omit.includes(name) && (knob.when?.(values) ?? true) && (set === null || appliesTo(knob, kindOf(set))),
  );
  const hidden = hiddenText(knobs, values, set);
  const advanced = shown.filter(([, knob]) => knob.advanced);
  const open = unfolded || advanced.some(([name]) => `${path}.${name}` === revealed);
  const field = ([name, knob]: (typeof shown)[number]) => (
    <KnobField
      key={name}
      knob={knob}
      path={`${path}.${name}`}
      reset={resets?.[name] ?? knob.default}
      standsFor={standsFor?.[name]}
      optionProblem={optionProblem ? (value) => optionProblem(name, value) : undefined}
    />
  );
  if (shown.length === 0 && !hidden) return null;
  return (
    <div className={classes.form}>
      {shown.filter(([, knob]) => !knob.advanced).map(field)}
      {advanced.length > 0 && (
        <button
          type="button"
          className={classes.more}
          aria-expanded={open}
          onClick={() => setUnfolded(!open)}
        >
          {open ? 'Hide advanced' : `Advanced (${advanced.length})`}
        </button>
      )}
      {open && advanced.map(field)}
      {hidden && <p className={classes.muted}>{hidden}</p>}
    </div>
  );
}
