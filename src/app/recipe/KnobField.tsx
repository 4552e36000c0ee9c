import { Switch, Tooltip, VisuallyHidden, type TooltipProps } from '@mantine/core';
import { useEffect, useId, useRef, useState } from 'react';
import { knobFor, type ChoiceKnob, type Knob, type KnobValue, shownValue } from '../../distill/knobs';
import { valueAt } from '../../distill/recipe';
import type { BackendChoice } from '../../engine/backend-names';
import { Icon } from '../shell/icons';
import { useIsTraining, useRecipe, useRuns, useView } from '../store/hooks';
import { ChoiceField } from './ChoiceField';
import { ClassField } from './ClassField';
import { unfitText, useSetShape } from './data-kind';
import { NumberField } from './NumberField';
import classes from './recipe.module.css';
import { OwnSetField } from './OwnSetField';
import { TextField } from './TextField';

/** What every kind of field gets. */
export interface FieldProps<K extends Knob, V extends KnobValue> {
  knob: K;
  value: V;
  /** Attributes that tie the field to its label and help. */
  field: { id: string; disabled: boolean; 'aria-describedby': string };
  commit: (value: V) => void;
}

interface Props {
  knob: Knob;
  /** Where the knob is in the recipe. */
  path: string;
  /** In place of the knob's own, where fields of several sections stand together. */
  label?: string;
  /** In two short lines, where live knobs stand side by side. */
  compact?: boolean;
  /** What the dot resets to; the knob's own default unless the recipe starts elsewhere. */
  reset?: KnobValue;
  /** The number that a word in place of one stands for. */
  standsFor?: number | undefined;
  optionProblem?: ((value: string) => string | null) | undefined;
}

/** Beside the column; on a phone, where there is no beside, below the field. */
const helpPlaces: Pick<TooltipProps, 'middlewares'> = {
  middlewares: { flip: { fallbackPlacements: ['bottom-start', 'top-start'] }, shift: true },
};

const lockReason = 'Fixed during a run: stop it to change this.';

export function KnobField({
  knob: given,
  path,
  label: ownLabel,
  compact = false,
  reset = given.default,
  standsFor,
  optionProblem,
}: Props) {
  const set = useSetShape();
  const knob = knobFor(given, set?.target);
  const label = ownLabel ?? knob.label;
  const value = useRecipe((state) => valueAt(state.recipe, path)) ?? knob.default;
  const running = useIsTraining();
  const method = useRecipe((state) => state.recipe.method);
  const plan = useRuns((state) => state.planExperiment);
  const turn = useRecipe((state) => state.turn);
  const revealed = useView((state) => (state.reveal?.path === path ? state.reveal.nth : null));
  const id = useId();
  const row = useRef<HTMLDivElement>(null);
  /** The help stands beside the column while the label is pointed at or the field has the focus. */
  const [asked, setAsked] = useState<'label' | 'field' | null>(null);
  /** A click shows that the help is not needed. */
  const pointed = useRef(false);

  useEffect(() => {
    if (revealed === null || !row.current) return;
    row.current.scrollIntoView({ block: 'center' });
    row.current.querySelector<HTMLElement>(`input:not([type=range])`)?.focus();
  }, [revealed]);

  const unfit = unfitText(knob, set);
  const locked = unfit !== null || (running && !knob.live);
  const isClass = knob.kind === 'number' && knob.of === 'classes';
  const lacks = useRuns((state) => state.backend?.lacks);
  const lacking = knob.kind === 'choice' ? lackedBy(knob, lacks) : [];
  const described = [knob.help, ...lacking.map(({ why }) => why)].join(' ');
  const help = locked ? `${described} ${unfit ?? lockReason}` : described;
  const field = { id, disabled: locked, 'aria-describedby': `${id}-help` };
  const commit = (next: KnobValue) => {
    turn(path, next);
    // What it does is now to be seen in the curves, which the help would cover.
    setAsked(null);
  };
  return (
    <div
      className={classes.field}
      data-compact={compact || undefined}
      ref={row}
      data-knob={path}
      onPointerDown={() => {
        pointed.current = true;
        setAsked(null);
      }}
      onFocus={() => {
        if (!pointed.current) setAsked('field');
        pointed.current = false;
      }}
      onBlur={() => setAsked(null)}
    >
      {value !== reset && (
        <Tooltip label={`Back to ${shownValue(knob, reset)}`} w="auto">
          <button
            type="button"
            className={classes.reset}
            disabled={locked}
            aria-label={`${label}: back to ${shownValue(knob, reset)}`}
            onClick={() => commit(reset)}
          />
        </Tooltip>
      )}
      <Tooltip
        target={row}
        label={help}
        position="right"
        offset={14}
        opened={asked !== null}
        {...helpPlaces}
      />
      <div
        className={classes.fieldHead}
        style={{ gridColumn: spansRow(knob) ? '1 / -1' : undefined }}
        onPointerEnter={() => setAsked((now) => now ?? 'label')}
        onPointerLeave={() => setAsked((now) => (now === 'label' ? null : now))}
      >
        <label htmlFor={id}>{label}</label>
        {knob.unit && <span className={classes.unit}>{knob.unit}</span>}
        {running && knob.live && !compact && <span className={classes.live}>live</span>}
      </div>
      <VisuallyHidden id={`${id}-help`}>{help}</VisuallyHidden>
      {isClass && <ClassField knob={knob} value={value as number} field={field} commit={commit} />}
      {knob.kind === 'number' && !isClass && (
        <NumberField
          knob={knob}
          value={typeof value === 'number' ? value : standsFor!}
          field={field}
          commit={commit}
        />
      )}
      {knob.kind === 'choice' && (
        <ChoiceField
          knob={knob}
          value={value as string}
          field={field}
          commit={commit}
          optionProblem={
            lacking.length > 0
              ? (option) => (lacking.some(({ value: one }) => one === option) ? 'not on this device' : null)
              : optionProblem
          }
        />
      )}
      {knob.kind === 'text' && knob.of === 'own sets' && (
        <OwnSetField knob={knob} value={value as string} field={field} commit={commit} />
      )}
      {knob.kind === 'text' && knob.of === undefined && (
        <TextField knob={knob} path={path} value={value as string} field={field} commit={commit} />
      )}
      {knob.kind === 'switch' && (
        <Switch
          {...field}
          className={classes.switch}
          checked={value as boolean}
          onChange={(event) => commit(event.currentTarget.checked)}
        />
      )}
      {!compact && path !== 'seed' && (
        <button
          type="button"
          className={classes.sweep}
          data-wide={spansRow(knob) || undefined}
          aria-label={`Sweep ${label} in an experiment`}
          title="Sweep this knob: one run for each of several values"
          onClick={() => plan({ knob: path, methods: [method] })}
        >
          <Icon name="sliders" size={14} />
        </button>
      )}
    </div>
  );
}

/** Options that the device cannot take, each with why. */
function lackedBy({ options }: ChoiceKnob, lacks: BackendChoice['lacks'] = {}) {
  return options.flatMap(({ value, needs }) => {
    const why = needs && lacks[needs];
    return why ? [{ value, why }] : [];
  });
}

function spansRow(knob: Knob): boolean {
  return knob.kind === 'choice' || knob.kind === 'text' || (knob.kind === 'number' && knob.of === 'classes');
}
