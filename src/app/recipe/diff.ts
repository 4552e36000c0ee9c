import { bundledSets } from '../../data/bundled-about';
import { midSentence } from '../../limits/texts';
import { teacherAbouts } from '../../distill/teachers/abouts';
import { fileKnobs } from '../../distill/teachers/single/about';
import { weightingAbouts } from '../../distill/weighting/abouts';
import { hintAbouts } from '../../distill/hints/abouts';
import { knobFor, shownValue, type Knob, type Knobs, type KnobValues } from '../../distill/knobs';
import type { TargetKind } from '../../distill/about';
import { materialKnobs } from '../../distill/material/about';
import { hintEntryKnobs, objectiveKnobs, seedKnob, type HintEntry, type Recipe } from '../../distill/recipe';
import { scheduleKnobs } from '../../distill/schedule/about';
import { studentKnobs } from '../../distill/students/about';

export interface Change {
  path: string;
  label: string;
  /** Empty for something that was not there before. */
  from: string;
  to: string;
}

/** What differs from `before` to `after`, in the words of the forms. */
export function changesBetween(before: Recipe, after: Recipe): Change[] {
  const target = targetOf(after);
  const changes: Change[] = [
    ...section('material', materialKnobs, before.material, after.material, target),
    ...teacherChanges(before.teacher, after.teacher),
    ...hintChanges(before.hints, after.hints),
  ];
  if (before.weighting.id !== after.weighting.id)
    changes.push({
      path: 'weighting.id',
      label: 'Weighting',
      from: weightingAbouts[before.weighting.id].title,
      to: weightingAbouts[after.weighting.id].title,
    });
  else
    changes.push(
      ...section(
        'weighting.knobs',
        weightingAbouts[after.weighting.id].knobs,
        before.weighting.knobs,
        after.weighting.knobs,
      ),
    );
  changes.push(
    ...section('student', studentKnobs, before.student, after.student),
    ...section('objective', objectiveKnobs, before.objective, after.objective, target),
    ...section('schedule', scheduleKnobs, before.schedule, after.schedule),
  );
  if (before.seed !== after.seed)
    changes.push({ path: 'seed', label: seedKnob.label, from: String(before.seed), to: String(after.seed) });
  return changes;
}

/** What a recipe's data set asks for, where that is known without it. */
function targetOf({ material }: Recipe): TargetKind | undefined {
  return bundledSets.find(({ id }) => id === material.dataset)?.target.kind;
}

function section(
  path: string,
  knobs: Knobs,
  before: KnobValues,
  after: KnobValues,
  target?: TargetKind,
): Change[] {
  return Object.entries(knobs).flatMap(([name, knob]) => {
    if (before[name] === after[name]) return [];
    if (knob.when && !knob.when(before) && !knob.when(after)) return [];
    const [from, to] = [shownValue(knob, before[name]), shownValue(knob, after[name])];
    return [{ path: `${path}.${name}`, label: knobFor(knob, target).label, from, to }];
  });
}

function teacherChanges(before: Recipe['teacher'], after: Recipe['teacher']): Change[] {
  if (before.kind === after.kind) {
    const knobs = Object.entries<Knob>(teacherAbouts[after.kind].knobs);
    const own = Object.fromEntries(knobs.filter(([name]) => !(name in fileKnobs)));
    const changes = section('teacher.knobs', own, before.knobs, after.knobs);
    // The checksum means nothing to a reader, and the file sets the other knobs.
    if (after.knobs.source === 'file' && before.knobs.file !== after.knobs.file)
      changes.push({ path: 'teacher.knobs.file', label: fileKnobs.file.label, from: '', to: 'another file' });
    return changes;
  }
  const title = (teacher: Recipe['teacher']) => teacherAbouts[teacher.kind].title;
  return [{ path: 'teacher.kind', label: 'Teacher', from: title(before), to: title(after) }];
}

/** Hints are paired by what they are, not by their place. */
function hintChanges(before: readonly HintEntry[], after: readonly HintEntry[]): Change[] {
  const rest = [...before];
  const changes: Change[] = [];
  for (const [index, entry] of after.entries()) {
    const place = rest.findIndex((old) => old.id === entry.id && old.shuffled === entry.shuffled);
    const title = hintTitle(entry);
    if (place < 0) {
      changes.push({ path: `hints.${index}`, label: title, from: '', to: 'added' });
      continue;
    }
    const [old] = rest.splice(place, 1);
    const named = [
      ...section(
        `hints.${index}`,
        { weight: hintEntryKnobs.weight },
        { weight: old!.weight },
        { weight: entry.weight },
      ),
      ...section(`hints.${index}.knobs`, hintAbouts[entry.id].knobs, old!.knobs, entry.knobs),
    ];
    changes.push(...named.map((change) => ({ ...change, label: `${title}, ${midSentence(change.label)}` })));
  }
  for (const old of rest) changes.push({ path: 'hints', label: hintTitle(old), from: '', to: 'removed' });
  return changes;
}

export function hintTitle(entry: HintEntry): string {
  return hintAbouts[entry.id].title + (entry.shuffled ? ' (shuffled teacher)' : '');
}
