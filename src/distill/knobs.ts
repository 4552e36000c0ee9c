/**
 * Knobs: one description per number, switch or choice of a recipe. Form, validation, defaults, link and docs are all
 * derived from it, so nothing about a knob is written twice.
 */
import type { InputSpec, TargetSpec } from '../data/dataset';
import type { DeviceFeature } from '../engine/backend-names';
import { mostCharacters, mostListed, shortened } from '../limits/texts';

export type KnobValue = number | string | boolean;
export type KnobValues = Record<string, KnobValue>;

interface KnobBase {
  label: string;
  /** What it is called in the formulas, in TeX. */
  symbol?: string;
  /** Shown after the field ("px", "steps", "%"). */
  unit?: string;
  /** One or two plain sentences: what it does and what turning it up does. */
  help: string;
  /** Acts on the next step of a running run. */
  live?: boolean;
  /** Folded away until asked for. */
  advanced?: boolean;
  /** Kinds of data for which the knob means anything; all where left out. Elsewhere it is hidden and ignored. */
  for?: { inputs?: readonly InputSpec['kind'][]; targets?: readonly TargetSpec['kind'][] };
  /** Whether the knob means anything beside these values of its own section. */
  when?: (values: KnobValues) => boolean;
  /** Label, unit and help for targets of which the others do not speak properly. */
  byTarget?: Partial<Record<TargetSpec['kind'], Partial<Pick<KnobBase, 'label' | 'unit' | 'help'>>>>;
}
export interface NumberKnob extends KnobBase {
  kind: 'number';
  min: number;
  max: number;
  step: number;
  integer?: boolean;
  scale?: 'linear' | 'log';
  /** The number is the place of a class of the data set, or below zero for none of them. */
  of?: 'classes';
  /** What a sweep begins with, where multiples of the present value would say little. */
  sweep?: readonly number[];
  /** May stand in place of a number, which is then found when the run starts. */
  word?: string;
  default: number;
}
export interface ChoiceOption<V extends string = string> {
  value: V;
  label: string;
  /** What the device must offer for it: see `BackendChoice.lacks`. */
  needs?: DeviceFeature;
}
export interface ChoiceKnob<V extends string = string> extends KnobBase {
  kind: 'choice';
  options: readonly ChoiceOption<V>[];
  default: V;
}
export interface SwitchKnob extends KnobBase {
  kind: 'switch';
  default: boolean;
}
/** Free text with a check: a network name, a data set id. */
export interface TextKnob extends KnobBase {
  kind: 'text';
  /** Of a set of the user's own: it is named by its digest and chosen by its title. */
  of?: 'own sets';
  default: string;
  suggestions: readonly { value: string; label: string }[];
  /** A sentence when the text is not usable, else null. */
  problem: (text: string) => string | null;
}
export type Knob = NumberKnob | ChoiceKnob | SwitchKnob | TextKnob;
export type Knobs = Readonly<Record<string, Knob>>;

/** The values that go with a set of knobs. */
export type ValuesOf<K extends Knobs> = {
  -readonly [N in keyof K]: string extends N
    ? KnobValue
    : K[N] extends NumberKnob
      ? K[N] extends { word: infer W extends string }
        ? number | W
        : number
      : K[N] extends ChoiceKnob<infer V>
        ? V
        : K[N] extends SwitchKnob
          ? boolean
          : string;
};

type Described = Readonly<Record<string, { knobs: Knobs }>>;
type NamesIn<L extends Described> = { [I in keyof L]: keyof L[I]['knobs'] }[keyof L];

/** The values of whatever member of a list is chosen: each by its type, and missing where that member has no such knob. */
export type ValuesIn<L extends Described> = {
  [N in NamesIn<L>]?: {
    [I in keyof L]: N extends keyof L[I]['knobs'] ? ValuesOf<L[I]['knobs']>[N] : never;
  }[keyof L];
};

/**
 * A function of the values of a set of knobs. Typed as a method, so that what is described for one set of knobs can stand
 * in a list for any.
 */
export type OfKnobs<K extends Knobs, R> = { of(knobs: ValuesOf<K>): R }['of'];

/** Whether a knob means anything for such data. */
export function appliesTo(
  { for: kinds }: Pick<KnobBase, 'for'>,
  { input, target }: { input: InputSpec['kind']; target: TargetSpec['kind'] },
): boolean {
  return (kinds?.inputs?.includes(input) ?? true) && (kinds?.targets?.includes(target) ?? true);
}

/** The knob in the words for a kind of targets; as it is where that is not known. */
export function knobFor<K extends Knob>(knob: K, target: TargetSpec['kind'] | undefined): K {
  const words = target && knob.byTarget?.[target];
  return words ? { ...knob, ...words } : knob;
}

/** A value as the form shows it. */
export function shownValue(knob: Knob, value: KnobValue | undefined): string {
  if (value === undefined) return 'not set';
  switch (knob.kind) {
    case 'switch':
      return value ? 'on' : 'off';
    case 'choice':
      return knob.options.find((option) => option.value === value)?.label ?? String(value);
    case 'text':
      if (knob.of === 'own sets') return value === '' ? 'none' : String(value).slice(0, 8);
      return knob.suggestions.find((known) => known.value === value)?.label ?? String(value);
    case 'number':
      if (knob.of === 'classes' && Number(value) < 0) return 'none';
      return knob.unit?.startsWith('%') ? `${value}\u00a0%` : String(value);
  }
}

/** Keeps the literal types of choices while checking the shape. */
export function defineKnobs<const K extends Knobs>(knobs: K): K {
  return knobs;
}

/** The default value of every knob. */
export function defaultsOf<K extends Knobs>(knobs: K): ValuesOf<K> {
  return Object.fromEntries(Object.entries(knobs).map(([name, knob]) => [name, knob.default])) as ValuesOf<K>;
}

/**
 * Why `value` cannot be used for this knob, or null: words that can stand beside the field. Written out, because the
 * first paint needs it and a library of schemas would be a twentieth of its script.
 */
export function knobProblem(knob: Knob, value: unknown): string | null {
  switch (knob.kind) {
    case 'number':
      if (knob.word !== undefined && value === knob.word) return null;
      if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number';
      if (value < knob.min || value > knob.max)
        return `must be between ${knob.min} and ${knob.max}${knob.unit ? ` ${knob.unit}` : ''}`;
      return knob.integer && !Number.isInteger(value) ? 'must be a whole number' : null;
    case 'choice': {
      const values: readonly unknown[] = knob.options.map((option) => option.value);
      return values.includes(value) ? null : `must be one of: ${values.join(', ')}`;
    }
    case 'switch':
      return typeof value === 'boolean' ? null : 'must be true or false';
    case 'text':
      return typeof value === 'string' ? knob.problem(value) : 'must be text';
  }
}

export interface Problem {
  /** Dotted path in the recipe: "hints.0.knobs.temperature". */
  path: string;
  /** A sentence that starts with the knob's label. */
  message: string;
}

/** The first problems, and how many there are beside them: a page that lists forty thousand stands still. */
export function fewProblems(problems: readonly Problem[]): Problem[] {
  const more = problems.length - mostListed.problems;
  if (more <= 1) return [...problems];
  const rest = `There are ${more.toLocaleString('en-GB')} more like these.`;
  return [...problems.slice(0, mostListed.problems), { path: '', message: rest }];
}

/**
 * Reads the values of a set of knobs: a missing one takes its default, an unknown one and a bad one are reported.
 * Bad values are replaced by the default, so the result is always usable.
 * @param defaults in place of today's defaults; a knob that they do not name keeps today's
 */
export function readKnobs<K extends Knobs>(
  knobs: K,
  input: unknown,
  path: string,
  problems: Problem[],
  defaults: KnobValues = {},
): ValuesOf<K> {
  const values: KnobValues = { ...defaultsOf(knobs), ...defaults };
  if (input === undefined) return values as ValuesOf<K>;
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    problems.push({ path, message: `${path} must be an object.` });
    return values as ValuesOf<K>;
  }
  for (const [name, value] of Object.entries(input)) {
    const knob = Object.hasOwn(knobs, name) ? knobs[name] : undefined;
    if (!knob) {
      problems.push({
        path: `${path}.${shortened(name, mostCharacters.quote)}`,
        message: `“${shortened(name, mostCharacters.quote)}” is not a knob of ${path}.`,
      });
      continue;
    }
    const problem = knobProblem(knob, value);
    if (problem) problems.push({ path: `${path}.${name}`, message: `${knob.label} ${problem}.` });
    else values[name] = value as KnobValue;
  }
  return values as ValuesOf<K>;
}
