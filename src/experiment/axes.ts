/** Axes of an experiment: a knob of the recipe with the values that it takes in turn. */
import { hintAbouts } from '../distill/hints/abouts';
import {
  fewProblems,
  knobProblem,
  shownValue,
  type Knob,
  type Knobs,
  type KnobValue,
  type KnobValues,
  type Problem,
} from '../distill/knobs';
import { materialKnobs } from '../distill/material/about';
import { hintEntryKnobs, knobAt, objectiveKnobs, withValue, type Recipe } from '../distill/recipe';
import { scheduleKnobs } from '../distill/schedule/about';
import { studentKnobs } from '../distill/students/about';
import { teacherAbouts } from '../distill/teachers/abouts';
import { weightingAbouts } from '../distill/weighting/abouts';
import { mostCharacters, shortened } from '../limits/texts';
import type { ExperimentEntry } from './experiment';

export interface Axis {
  /** Path of the knob, such as "hints.0.knobs.temperature". */
  knob: string;
  values: KnobValue[];
}

/** Beyond that a line in the table is lost among the others. */
export const mostValues = 50;

/** More than this would run for days. */
export const mostRuns = 2000;

/**
 * Reads axes from parsed JSON: `{ knob, values }`, or a range `{ knob, from, to, count, scale }` with `scale` "linear" (the
 * default) or "log". Whether a knob is there and takes the values is said where they are applied.
 * @returns null where something is no axis
 */
export function readAxes(input: unknown, problems: Problem[]): Axis[] | null {
  if (input === undefined) return [];
  if (!Array.isArray(input)) {
    problems.push({ path: 'axes', message: 'Axes must be a list.' });
    return null;
  }
  const axes = input.map((each: unknown, index) => readAxis(each, `axes.${index}`, problems));
  return axes.every((axis) => axis !== null) ? axes : null;
}

function readAxis(input: unknown, path: string, problems: Problem[]): Axis | null {
  const refuse = (message: string) => {
    problems.push({ path, message });
    return null;
  };
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refuse('An axis must be an object with a knob and its values.');
  const { knob, values, from, to, count, scale = 'linear' } = input as Record<string, unknown>;
  if (typeof knob !== 'string')
    return refuse('An axis must name its knob by a path, such as "schedule.steps".');
  if (Array.isArray(values)) {
    const isValue = (value: unknown) => ['number', 'string', 'boolean'].includes(typeof value);
    if (values.length === 0 || values.length > mostValues || !values.every(isValue))
      return refuse(`The values of an axis are a list of 1 to ${mostValues} numbers, texts or switches.`);
    return { knob, values: values as KnobValue[] };
  }
  if (values !== undefined) return refuse('The values of an axis must be a list.');
  const isCount = Number.isInteger(count) && (count as number) >= 2 && (count as number) <= mostValues;
  if (typeof from !== 'number' || typeof to !== 'number' || !isCount)
    return refuse(`An axis needs values, or a range: from, to, and a count of 2 to ${mostValues}.`);
  if (scale !== 'linear' && scale !== 'log') return refuse('The scale of an axis is "linear" or "log".');
  if (scale === 'log' && (from <= 0 || to <= 0)) return refuse('A range in log steps must lie above zero.');
  return { knob, values: rangeOf(from, to, count as number, scale) };
}

/** Values at equal distances, or in equal ratios; to six figures, so that they can be read. */
export function rangeOf(from: number, to: number, count: number, scale: 'linear' | 'log'): number[] {
  return Array.from({ length: count }, (_, place) => {
    const share = place / (count - 1);
    const value = scale === 'log' ? from * (to / from) ** share : from + (to - from) * share;
    return Number(value.toPrecision(6));
  });
}

/**
 * Every entry with every value of the axes, the last axis changing fastest. An entry without the knob of an axis stays one
 * row. Whole-number knobs are rounded, and a value that comes twice is taken once.
 * @param problems gets a sentence for a knob that no entry has, and for values that it cannot take
 */
export function crossed(
  entries: readonly ExperimentEntry[],
  axes: readonly Axis[],
  problems: Problem[],
): ExperimentEntry[] {
  const found: Problem[] = [];
  const rows = axes.reduce<readonly ExperimentEntry[]>((before, { knob: path, values }, index) => {
    if (before.length > 0 && !before.some(({ recipe }) => knobAt(recipe, path))) {
      const name = shortened(path, mostCharacters.quote);
      found.push({ path: `axes.${index}`, message: `${name} is not a knob of any row.` });
    }
    if (before.length * values.length > mostRuns) {
      found.push({ path: 'axes', message: `An experiment holds at most ${mostRuns} runs.` });
      return [];
    }
    return before.flatMap((row) => {
      const knob = knobAt(row.recipe, path);
      if (!knob) return [row];
      return [...new Set(values.map((value) => fitted(knob, value)))].flatMap((value) => {
        const fault = knobProblem(knob, value);
        if (!fault) return [along(row, path, knob, value)];
        found.push({ path: `axes.${index}`, message: `${knob.label} ${fault}.` });
        return [];
      });
    });
  }, entries);
  problems.push(...fewProblems(found));
  return [...rows];
}

function fitted(knob: Knob, value: KnobValue): KnobValue {
  return knob.kind === 'number' && knob.integer && typeof value === 'number' ? Math.round(value) : value;
}

function along(row: ExperimentEntry, path: string, knob: Knob, value: KnobValue): ExperimentEntry {
  const name = `${row.name}, ${knob.label} ${shownValue(knob, value)}`;
  return {
    ...row,
    name,
    recipe: { ...withValue(row.recipe, path, value), title: shortened(name, mostCharacters.name) },
    axes: [...row.axes, path],
  };
}

/** A knob of a recipe that can be an axis. */
export interface AxisKnob {
  path: string;
  /** Where it is in the recipe: "Training" */
  section: string;
  knob: Knob;
  value: KnobValue;
}

/** All knobs of a recipe that mean something in it, in the order of the form. */
export function axisKnobs(recipe: Recipe): AxisKnob[] {
  const teacher = teacherAbouts[recipe.teacher.kind];
  const weighting = weightingAbouts[recipe.weighting.id];
  const places: { path: string; section: string; knobs: Knobs; values: KnobValues }[] = [
    { path: 'material', section: 'Data', knobs: materialKnobs, values: recipe.material },
    { path: 'teacher.knobs', section: teacher.title, knobs: teacher.knobs, values: recipe.teacher.knobs },
    ...recipe.hints.flatMap(({ id, weight, shuffled, knobs }, place) => {
      const { title: section, knobs: own } = hintAbouts[id];
      return [
        { path: `hints.${place}`, section, knobs: hintEntryKnobs, values: { weight, shuffled } },
        { path: `hints.${place}.knobs`, section, knobs: own, values: knobs },
      ];
    }),
    {
      path: 'weighting.knobs',
      section: weighting.title,
      knobs: weighting.knobs,
      values: recipe.weighting.knobs,
    },
    { path: 'student', section: 'Student', knobs: studentKnobs, values: recipe.student },
    { path: 'schedule', section: 'Training', knobs: scheduleKnobs, values: recipe.schedule },
    { path: 'objective', section: 'Training', knobs: objectiveKnobs, values: recipe.objective },
  ];
  return places.flatMap(({ path, section, knobs, values }) =>
    Object.entries(knobs).flatMap(([name, knob]) => {
      const value = values[name];
      if (value === undefined || (knob.when && !knob.when(values))) return [];
      return [{ path: `${path}.${name}`, section, knob, value }];
    }),
  );
}

/** Values to begin with: those that the knob names; all of a choice; about a number, a quarter of it to four times, as far as the knob goes. */
export function firstValues({ knob, value }: AxisKnob): KnobValue[] {
  switch (knob.kind) {
    case 'switch':
      return [false, true];
    case 'choice':
      return knob.options.map((option) => option.value);
    case 'text':
      return [value];
    case 'number': {
      if (knob.sweep) return [...knob.sweep];
      if (typeof value !== 'number') return [value];
      const around =
        value === 0
          ? [0, ...rangeOf(0, knob.max, 3, 'linear').slice(1)]
          : [0.25, 0.5, 1, 2, 4].map((factor) => value * factor);
      const within = around.map((each) =>
        Math.min(knob.max, Math.max(knob.min, fitted(knob, each) as number)),
      );
      return [...new Set(within.map((each) => Number(each.toPrecision(6))))].sort((a, b) => a - b);
    }
  }
}
