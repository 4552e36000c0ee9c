/**
 * What sets the rows of an experiment apart beside what they are meant to compare. Nothing is forbidden: it is said, over
 * the table and in every export.
 */
import { shownValue, type Knobs, type KnobValues } from '../distill/knobs';
import { materialKnobs } from '../distill/material/about';
import { knobAt, type Recipe } from '../distill/recipe';
import { scheduleKnobs } from '../distill/schedule/about';
import { studentKnobs } from '../distill/students/about';
import { teacherAbouts } from '../distill/teachers/abouts';
import type { RunFacts } from '../training/events';

/** Numbers of a run that decide what its score can be compared with. */
export interface RunSize {
  /** Labels that the student learns from. */
  labelled: number;
  /** Instances without a label. */
  unlabelled: number;
  /** Labels that the weighting alone learns from. */
  meta: number;
  /** Steps of the student, with those that losses take before its own. */
  steps: number;
  /** Parameters of the student, of what is trained beside it, and of the teacher (null for none). */
  student: number;
  beside: number;
  teacher: number | null;
}

export function sizeOf(facts: RunFacts): RunSize {
  const parameters = (role: 'teacher' | 'student') =>
    facts.networks.find((network) => network.role === role)?.parameters ?? null;
  return {
    labelled: facts.labelled,
    unlabelled: facts.unlabelled,
    meta: facts.meta,
    steps: facts.preludeSteps + facts.studentSteps,
    student: parameters('student') ?? 0,
    beside: facts.extraParameters,
    teacher: parameters('teacher'),
  };
}

/** A row of an experiment, as far as fairness is concerned. */
export interface FairRow {
  name: string;
  recipe: Recipe;
  /** Paths of the knobs that it sets on purpose, such as "schedule.steps". */
  axes: readonly string[];
  /** Of one of its runs, null before the first has begun. */
  size: RunSize | null;
}

/** Something that sets rows apart: each value in words with the rows that have it, the most frequent one first. */
export interface Difference {
  title: string;
  groups: { value: string; rows: string[] }[];
}

const sections: readonly {
  path: 'material' | 'student' | 'schedule';
  knobs: Knobs;
  except: readonly string[];
}[] = [
  { path: 'material', knobs: materialKnobs, except: [] },
  { path: 'student', knobs: studentKnobs, except: [] },
  // How often it is looked, and at what, changes nothing.
  { path: 'schedule', knobs: scheduleKnobs, except: ['evaluateEvery', 'measureGradients'] },
];

/** Sizes that follow from the knobs of an axis are meant to differ with it. */
const measured: readonly { title: string; axes: readonly string[]; of: (size: RunSize) => string }[] = [
  {
    title: 'Labels',
    axes: ['material.'],
    of: ({ labelled, meta }) => (meta > 0 ? `${labelled} and ${meta} for the weighting` : `${labelled}`),
  },
  { title: 'Instances without a label', axes: ['material.'], of: ({ unlabelled }) => `${unlabelled}` },
  { title: 'Steps of the student', axes: ['schedule.steps'], of: ({ steps }) => `${steps}` },
  {
    title: 'Parameters trained beside the student’s',
    axes: ['student.', 'weighting.', 'hints.'],
    of: ({ beside }) => (beside === 0 ? 'none' : `${beside}`),
  },
];

/** All that sets the rows apart beside their axes: what the recipes say, and what the runs so far were. */
export function differencesOf(rows: readonly FairRow[]): Difference[] {
  const ofKnobs = sections.flatMap(({ path, knobs, except }) =>
    Object.entries(knobs)
      .filter(([name]) => !except.includes(name))
      .flatMap(([name, knob]) =>
        grouped(
          knob.label,
          rows
            .filter(({ axes }) => !axes.includes(`${path}.${name}`))
            .flatMap((row) => {
              const values = row.recipe[path] as KnobValues;
              const speaks = !knob.when || knob.when(values);
              return speaks ? [{ name: row.name, value: shownValue(knob, values[name]) }] : [];
            }),
        ),
      ),
  );
  const ofTeachers = grouped(
    'Teacher',
    rows
      .filter(({ axes }) => !axes.some((axis) => axis.startsWith('teacher.')))
      .map(({ name, recipe }) => ({ name, value: teacherText(recipe.teacher) })),
  );
  const ofRuns = measured.flatMap(({ title, axes: own, of }) =>
    grouped(
      title,
      rows.flatMap(({ name, axes, size }) =>
        size && !axes.some((axis) => own.some((start) => axis.startsWith(start)))
          ? [{ name, value: of(size) }]
          : [],
      ),
    ),
  );
  return [...ofKnobs, ...ofTeachers, ...ofRuns];
}

/** Its kind, and where it and its labels come from, where the kind leaves a choice. */
function teacherText({ kind, knobs }: Recipe['teacher']): string {
  const { title, knobs: described }: { title: string; knobs: Knobs } = teacherAbouts[kind];
  const values = knobs as KnobValues;
  const parts = ['source', 'labels'].flatMap((name) => {
    const knob = described[name];
    return knob && (!knob.when || knob.when(values)) ? [shownValue(knob, values[name])] : [];
  });
  return [title, ...parts].join(', ');
}

function grouped(title: string, values: readonly { name: string; value: string }[]): Difference[] {
  const rows = new Map<string, string[]>();
  for (const { name, value } of values) rows.set(value, [...(rows.get(value) ?? []), name]);
  if (rows.size < 2) return [];
  const groups = [...rows].map(([value, names]) => ({ value, rows: names }));
  return [{ title, groups: groups.sort((a, b) => b.rows.length - a.rows.length) }];
}

/** Rows whose student is no smaller than its teacher. */
export function largeStudents(rows: readonly FairRow[]): string[] {
  return rows
    .filter(({ size }) => size !== null && size.teacher !== null && size.student >= size.teacher)
    .map(({ name }) => name);
}

/** Rows whose live curve is measured on the test data, so that a choice by it is a choice on them. */
export function chosenOnTest(rows: readonly FairRow[]): boolean {
  return rows.some(({ recipe }) => recipe.material.validation === 0);
}

/** A sweep is made to choose a value: then the choice, and not only the look of the curves, is on the test data. */
function testSentence(rows: readonly FairRow[]): string {
  const swept = [
    ...new Set(rows.flatMap(({ recipe, axes }) => axes.map((path) => knobAt(recipe, path)?.label ?? path))),
  ];
  if (rows.length < 2 || swept.length === 0)
    return 'No validation split: what is chosen by these scores, or by the live curves, is chosen on the test data.';
  return `No validation split: a value of ${named(swept)} that is chosen by these scores is chosen on the test data, and its score is better than on fresh data.`;
}

/** Names that are listed before the others are counted. */
const mostNames = 4;

function named(rows: readonly string[]): string {
  if (rows.length <= mostNames) return rows.join(', ');
  return `${rows.slice(0, mostNames - 1).join(', ')} and ${rows.length - mostNames + 1} others`;
}

/** All of it as sentences, the same for page and files. @param what what the rows are called */
export function fairnessSentences(rows: readonly FairRow[], what: 'rows' | 'runs' = 'rows'): string[] {
  const large = largeStudents(rows);
  return [
    ...differencesOf(rows).map(({ title, groups }) => {
      const [most, ...others] = groups;
      const rest = others.map(({ value, rows: names }) => `${value} in ${named(names)}`);
      const all = groups.reduce((sum, group) => sum + group.rows.length, 0);
      const isMost = most!.rows.length > 1 && 2 * most!.rows.length > all;
      const first = `${most!.value} in ${isMost ? `most ${what}` : named(most!.rows)}`;
      return `${title}: ${[first, ...rest].join('; ')}.`;
    }),
    ...(large.length > 0 ? [`The student has no fewer parameters than its teacher in ${named(large)}.`] : []),
    ...(chosenOnTest(rows) ? [testSentence(rows)] : []),
  ];
}
