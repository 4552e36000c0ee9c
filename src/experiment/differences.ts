/** What differs between rows of an experiment beside their axes, knob by knob and by what their runs were. */
import { isTeacherFree } from '../distill/about';
import { hintAbouts } from '../distill/hints/abouts';
import { shownValue, type Knobs, type KnobValues } from '../distill/knobs';
import { materialKnobs } from '../distill/material/about';
import { knobAt, objectiveKnobs, showsStrongView, valueAt, type Recipe } from '../distill/recipe';
import { scheduleKnobs } from '../distill/schedule/about';
import { studentKnobs } from '../distill/students/about';
import { teacherAbouts } from '../distill/teachers/abouts';
import { midSentence } from '../limits/texts';
import type { FairRow, RunSize } from './fair-row';
import { axesOf, stemKeys } from './row-names';

/** Something that sets rows apart: each value in words with the rows that have it, the most frequent one first. */
export interface Difference {
  title: string;
  groups: { value: string; rows: string[] }[];
}

/** How often it is looked, and at what, changes nothing. */
const lookedAt = ['evaluateEvery', 'measureGradients'];

interface Section {
  path: 'material' | 'student' | 'schedule' | 'objective';
  knobs: Knobs;
  except: readonly string[];
  /** Methods bring their own values along: only a row's own are told. */
  setOnly?: true;
}

const sections: readonly Section[] = [
  { path: 'material', knobs: materialKnobs, except: [] },
  { path: 'student', knobs: studentKnobs, except: [] },
  { path: 'schedule', knobs: scheduleKnobs, except: lookedAt },
  { path: 'objective', knobs: objectiveKnobs, except: [], setOnly: true },
];

/** Whether a knob at this path can make a score better or worse. */
export function decides(path: string): boolean {
  return !lookedAt.some((name) => path === `schedule.${name}`);
}

interface Property {
  title: string;
  /** Begins of the paths of knobs that it follows from. */
  follows: readonly string[];
  /** Null where there is nothing to compare. */
  of: (row: FairRow) => string | null;
}

const ofSize = (of: (size: RunSize, row: FairRow) => string | null) => (row: FairRow) =>
  row.size && of(row.size, row);

const properties: readonly Property[] = [
  { title: 'Data set', follows: [], of: ({ set }) => set ?? null },
  {
    title: 'Seeds',
    follows: [],
    of: ({ seeds }) => seeds?.toSorted((a, b) => a - b).join(', ') ?? null,
  },
  {
    title: 'Labels',
    follows: ['material.'],
    of: ofSize(({ labelled, meta }) =>
      meta > 0 ? `${count(labelled)} and ${count(meta)} for the weighting` : count(labelled),
    ),
  },
  {
    title: 'Instances without a label',
    follows: ['material.'],
    of: ofSize(({ unlabelled }, { recipe }) =>
      unlabelled > 0 && !learnsWithout(recipe)
        ? `${count(unlabelled)} but none learned from`
        : count(unlabelled),
    ),
  },
  {
    title: 'Strongly changed copies of the images',
    follows: [],
    of: ({ recipe }) => (showsStrongView(recipe.hints) ? 'yes' : 'no'),
  },
  { title: 'Steps of the student', follows: ['schedule.steps'], of: ofSize(({ steps }) => count(steps)) },
  {
    title: 'Parameters trained beside the student’s',
    follows: ['student.', 'weighting.', 'hints.'],
    of: ofSize(({ beside }) => (beside === 0 ? 'none' : count(beside))),
  },
  {
    title: 'Stopped early',
    follows: [],
    of: ({ stopped }) => (stopped === undefined ? null : stopped ? 'yes' : 'no'),
  },
  { title: 'Computed on', follows: [], of: ({ computedOn }) => computedOn ?? null },
  {
    title: 'Knobs turned during the run',
    follows: [],
    of: ({ turned }) => (turned ? (turned.length === 0 ? 'none' : [...new Set(turned)].join(', ')) : null),
  },
];

/** Whether the student learns something of instances that have no label of the set's. */
export function learnsWithout({ hints, material }: Recipe): boolean {
  // Generated ones come with labels.
  if (material.unlabelledFrom === 'generated') return true;
  return hints.some(({ id, weight }) => weight !== 0 && !isTeacherFree(hintAbouts[id]));
}

/** All that sets the rows apart beside their axes: what the recipes say, and what the runs so far were. */
export function differencesOf(rows: readonly FairRow[]): Difference[] {
  return groupsOf(rows, meantAxes(rows)).map(({ title, groups }) => ({
    title,
    groups: groups.map(({ value, members }) => ({ value, rows: members.map((row) => rows[row]!.name) })),
  }));
}

export interface Grouped {
  title: string;
  /** Places of the rows with each value, the most frequent value first. */
  groups: { value: string; members: number[] }[];
}

export function groupsOf(rows: readonly FairRow[], meant: ReadonlySet<string>): Grouped[] {
  const set = new Set(axesOf(rows));
  const ofKnobs = sections.flatMap(({ path: section, knobs, except, setOnly }) =>
    Object.entries(knobs).flatMap(([name, knob]) => {
      const path = `${section}.${name}`;
      if (except.includes(name) || meant.has(path) || (setOnly && !set.has(path))) return [];
      const values = rows.map(({ recipe }) => {
        const own = recipe[section] as KnobValues;
        return !knob.when || knob.when(own) ? shownValue(knob, own[name]) : null;
      });
      return grouped(knob.label, values).map((group) => ({ ...group, path }));
    }),
  );
  const ofRuns = properties.flatMap(({ title, follows, of }) => {
    const values = rows.map(of);
    const isOwn = (path: string) => follows.some((start) => path.startsWith(start));
    if (followsAxes(rows, values, [...meant].filter(isOwn))) return [];
    // What follows from a knob that is named already is not named again.
    return grouped(title, values).filter(
      (one) => !ofKnobs.some((knob) => isOwn(knob.path) && isSameParting(knob, one)),
    );
  });
  return [...ofKnobs, ...grouped('Teacher', teacherTexts(rows, meant)), ...ofRuns];
}

export function isSameParting(one: Grouped, other: Grouped): boolean {
  const parts = ({ groups }: Grouped) => JSON.stringify(groups.map(({ members }) => members));
  return parts(one) === parts(other);
}

/** Axes that every row is crossed with, so that equal values can be compared; others set rows apart like any knob. */
export function meantAxes(rows: readonly FairRow[], keys = stemKeys(rows)): Set<string> {
  const isMeant = (path: string) => {
    const values = new Map<string, Set<unknown>>();
    rows.forEach(({ recipe }, row) => {
      if (!knobAt(recipe, path)) return;
      const key = keys[row]!;
      values.set(key, (values.get(key) ?? new Set()).add(valueAt(recipe, path)));
    });
    const [first, ...others] = [...values.values()];
    return others.every(
      (other) => other.size === first!.size && [...other].every((value) => first!.has(value)),
    );
  };
  return new Set(axesOf(rows).filter(isMeant));
}

/** Whether rows with equal values of these axes are all alike. */
function followsAxes(
  rows: readonly FairRow[],
  values: readonly (string | null)[],
  axes: readonly string[],
): boolean {
  if (axes.length === 0) return false;
  const known = new Map<string, string>();
  return rows.every(({ recipe }, row) => {
    const value = values[row];
    if (value == null) return true;
    const place = JSON.stringify(axes.map((path) => valueAt(recipe, path) ?? null));
    if (!known.has(place)) known.set(place, value);
    return known.get(place) === value;
  });
}

/**
 * The teacher of each row: its kind, where it comes from, and the knobs in which teachers of its kind differ. Null where
 * there is none: then nothing of it is compared.
 */
function teacherTexts(rows: readonly FairRow[], meant: ReadonlySet<string>): (string | null)[] {
  const valuesOf = ({ recipe }: FairRow) => recipe.teacher.knobs as KnobValues;
  const sourceOf = (row: FairRow) => `${row.recipe.teacher.kind} ${String(valuesOf(row)['source'])}`;
  const files = [...new Set(rows.map((row) => valuesOf(row)['file'] ?? '').filter((file) => file !== ''))];
  const spread = new Map<string, Set<unknown>>();
  for (const row of rows)
    for (const [name, value] of Object.entries(valuesOf(row))) {
      const key = `${sourceOf(row)} ${name}`;
      spread.set(key, (spread.get(key) ?? new Set()).add(value));
    }
  return rows.map((row) => {
    const { kind } = row.recipe.teacher;
    if (kind === 'none') return null;
    const { title, knobs }: { title: string; knobs: Knobs } = teacherAbouts[kind];
    const values = valuesOf(row);
    const parts = Object.entries(knobs).flatMap(([name, knob]) => {
      if (meant.has(`teacher.knobs.${name}`) || (knob.when && !knob.when(values))) return [];
      if (name === 'source') return [shownValue(knob, values[name])];
      if (spread.get(`${sourceOf(row)} ${name}`)!.size < 2) return [];
      // A checksum says nothing to a reader.
      if (name === 'file') return [`file ${files.indexOf(values[name]!) + 1}`];
      return [`${midSentence(knob.label.replace(/^Teacher(’s)? /, ''))} ${shownValue(knob, values[name])}`];
    });
    return (parts.length > 0 && 'source' in knobs ? parts : [title, ...parts]).join(', ');
  });
}

function grouped(title: string, values: readonly (string | null)[]): Grouped[] {
  const rows = new Map<string, number[]>();
  values.forEach((value, row) => {
    if (value !== null) rows.set(value, [...(rows.get(value) ?? []), row]);
  });
  if (rows.size < 2) return [];
  const groups = [...rows].map(([value, members]) => ({ value, members }));
  return [{ title, groups: groups.sort((a, b) => b.members.length - a.members.length) }];
}

/** With commas for thousands, as long numbers are read. */
function count(value: number): string {
  return value.toLocaleString('en-GB');
}
