/** What sets several recipes apart, knob by knob. */
import { bundledSets } from '../../data/bundled-about';
import { hintAbouts } from '../../distill/hints/abouts';
import { knobFor, shownValue, type Knobs, type KnobValues } from '../../distill/knobs';
import { materialKnobs } from '../../distill/material/about';
import { hintEntryKnobs, objectiveKnobs, seedKnob, type HintEntry, type Recipe } from '../../distill/recipe';
import { scheduleKnobs } from '../../distill/schedule/about';
import { studentKnobs } from '../../distill/students/about';
import { teacherAbouts } from '../../distill/teachers/abouts';
import { fileKnobs } from '../../distill/teachers/single/about';
import { weightingAbouts } from '../../distill/weighting/abouts';
import { midSentence } from '../../limits/texts';
import { hintTitle } from './diff';

/** Something that differs: a value in words for each recipe, null where a recipe has nothing of the kind. */
export interface Differing {
  /** Section of the recipe: "Teacher". */
  section: string;
  label: string;
  values: (string | null)[];
}

/** All that differs between some of the recipes, in the order and the words of the form. */
export function differencesAmong(recipes: readonly Recipe[]): Differing[] {
  const targets = new Set(recipes.map(targetOf));
  const target = targets.size === 1 ? [...targets][0] : undefined;
  const knobsIn = (section: string, knobs: Knobs, values: readonly (KnobValues | null)[]): Differing[] =>
    Object.entries(knobs).flatMap(([name, knob]) => {
      const raw = values.flatMap((one) => (one ? [one[name]] : []));
      if (new Set(raw).size < 2) return [];
      const shown = values.map((one) =>
        one && (!knob.when || knob.when(one)) ? shownValue(knob, one[name]) : null,
      );
      return shown.some((value) => value !== null)
        ? [{ section, label: knobFor(knob, target).label, values: shown }]
        : [];
    });
  const kinds = new Set(recipes.map(({ teacher }) => teacher.kind));
  const weightings = new Set(recipes.map(({ weighting }) => weighting.id));
  return [
    ...knobsIn(
      'Data',
      materialKnobs,
      recipes.map(({ material }) => material),
    ),
    ...apart(
      'Teacher',
      'Kind',
      recipes.map(({ teacher }) => teacherAbouts[teacher.kind].title),
    ),
    ...[...kinds].flatMap((kind) =>
      knobsIn(
        'Teacher',
        withoutFile(teacherAbouts[kind].knobs),
        recipes.map(({ teacher }) => (teacher.kind === kind ? teacher.knobs : null)),
      ),
    ),
    ...apart('Teacher', fileKnobs.file.label, fileNames(recipes)),
    ...hintsApart(recipes, knobsIn),
    ...apart(
      'Weighting',
      'Weighting',
      recipes.map(({ weighting }) => weightingAbouts[weighting.id].title),
    ),
    ...[...weightings].flatMap((id) =>
      knobsIn(
        'Weighting',
        weightingAbouts[id].knobs,
        recipes.map(({ weighting }) => (weighting.id === id ? weighting.knobs : null)),
      ),
    ),
    ...knobsIn(
      'Student',
      studentKnobs,
      recipes.map(({ student }) => student),
    ),
    ...knobsIn(
      'Training',
      objectiveKnobs,
      recipes.map(({ objective }) => objective),
    ),
    ...knobsIn(
      'Training',
      scheduleKnobs,
      recipes.map(({ schedule }) => schedule),
    ),
    ...apart(
      'Training',
      seedKnob.label,
      recipes.map(({ seed }) => String(seed)),
    ),
  ];
}

/** What a recipe's data set asks for, where that is known without it. */
function targetOf({ material }: Recipe) {
  return bundledSets.find(({ id }) => id === material.dataset)?.target.kind;
}

function apart(section: string, label: string, values: (string | null)[]): Differing[] {
  return new Set(values).size > 1 ? [{ section, label, values }] : [];
}

function withoutFile(knobs: Knobs): Knobs {
  return Object.fromEntries(Object.entries(knobs).filter(([name]) => !(name in fileKnobs)));
}

/** Teachers that were opened from files get letters: their checksums mean nothing to a reader. */
function fileNames(recipes: readonly Recipe[]): (string | null)[] {
  const files = recipes.map(({ teacher: { knobs } }) =>
    knobs.source === 'file' ? String(knobs.file) : null,
  );
  const known = [...new Set(files.filter((file) => file !== null))];
  return files.map((file) => (file === null ? null : `file ${'ABCDEFGH'[known.indexOf(file)] ?? ''}`));
}

/** Distillation losses are paired by what they are and, where a recipe has several of a kind, by their order. */
function hintsApart(
  recipes: readonly Recipe[],
  knobsIn: (section: string, knobs: Knobs, values: readonly (KnobValues | null)[]) => Differing[],
): Differing[] {
  const named = recipes.map(({ hints }) => {
    const found = new Map<string, HintEntry>();
    for (const hint of hints) {
      const twins = [...found.keys()].filter((key) => key.startsWith(`${hintTitle(hint)}\n`)).length;
      found.set(`${hintTitle(hint)}\n${twins}`, hint);
    }
    return found;
  });
  const keys = [...new Set(named.flatMap((found) => [...found.keys()]))];
  const section = 'Distillation losses';
  return keys.flatMap((key) => {
    const entries = named.map((found) => found.get(key) ?? null);
    const [title, twins] = key.split('\n') as [string, string];
    const name = twins === '0' ? title : `${title} ${Number(twins) + 1}`;
    const { id } = entries.find((entry) => entry !== null)!;
    return [
      ...apart(
        section,
        `${name}, ${midSentence(hintEntryKnobs.weight.label)}`,
        entries.map((entry) => entry && shownValue(hintEntryKnobs.weight, entry.weight)),
      ),
      ...knobsIn(
        section,
        hintAbouts[id].knobs,
        entries.map((entry) => entry && entry.knobs),
      ).map((row) => ({ ...row, label: `${name}, ${midSentence(row.label)}` })),
    ];
  });
}
