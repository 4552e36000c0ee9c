/** Changes to a recipe that touch more than one knob. All return a new recipe. */
import { splitTitle } from '../../distill/about';
import { hintAbouts, type HintId } from '../../distill/hints/abouts';
import { defaultsOf, type Knobs } from '../../distill/knobs';
import { materialKnobs } from '../../distill/material/about';
import { defaultHint, hintEntryKnobs, valueAt, withValue, type Recipe } from '../../distill/recipe';
import { teacherAbouts, type TeacherKind } from '../../distill/teachers/abouts';
import { bundledTeachers, type BundledTeacherId } from '../../distill/teachers/single/about';
import { weightingAbouts, type WeightingId } from '../../distill/weighting/abouts';

/** A teacher of a kind with the kind's defaults. */
export function firstTeacher(kind: TeacherKind): Recipe['teacher'] {
  return { kind, knobs: { ...defaultsOf(teacherAbouts[kind].knobs as Knobs) } };
}

export function withWeighting(recipe: Recipe, id: WeightingId): Recipe {
  if (recipe.weighting.id === id) return recipe;
  return { ...recipe, weighting: { id, knobs: { ...defaultsOf(weightingAbouts[id].knobs as Knobs) } } };
}

export function withHint(recipe: Recipe, id: HintId): Recipe {
  return { ...recipe, hints: [...recipe.hints, defaultHint(id)] };
}

export function withoutHint(recipe: Recipe, index: number): Recipe {
  return { ...recipe, hints: recipe.hints.filter((_, place) => place !== index) };
}

export function withDataset(recipe: Recipe, id: string): Recipe {
  let next = withValue(recipe, 'material.dataset', id);
  // A class number of the previous set means nothing in the next one.
  next = withValue(next, 'material.unnamedClass', -1);
  if (id === 'upload') next = withValue(next, 'material.halve', false);
  return withFittingTeacher(next);
}

/**
 * What an example did to the labels of its own images (few, wrong, a class without), undone for images that a person
 * brings: those are to be learned as they are. What was turned by hand since stays.
 */
export function withLabelsAsTheyAre(recipe: Recipe, example: Recipe): Recipe {
  const { labelsPerClass, unnamedClass, unlabelled, labelNoise } = materialKnobs;
  const undone = { labelsPerClass, unnamedClass, unlabelled, labelNoise };
  return Object.entries(undone).reduce((next, [name, knob]) => {
    const path = `material.${name}`;
    const turned = valueAt(recipe, path) !== valueAt(example, path);
    return turned ? next : withValue(next, path, knob.default);
  }, recipe);
}

/** A ready-made teacher only fits its own data; otherwise take one that fits, or train one here. */
export function withFittingTeacher(recipe: Recipe): Recipe {
  const { source } = recipe.teacher.knobs;
  if (source === undefined) return recipe;
  if (source === 'train' || source === 'file' || teacherFits(source, recipe)) return recipe;
  const other = Object.keys(bundledTeachers).find((id) => teacherFits(id, recipe));
  return withValue(recipe, 'teacher.knobs.source', other ?? 'train');
}

export function teacherFits(source: string, recipe: Recipe): boolean {
  if (!Object.hasOwn(bundledTeachers, source)) return false;
  const teacher = bundledTeachers[source as BundledTeacherId];
  const { dataset, halve } = recipe.material;
  // The small Fashion set is a part of the complete one.
  const family = dataset === 'fashion-mnist-small' ? 'fashion-mnist' : dataset;
  return teacher.dataset === family && teacher.halve === halve;
}

/** Keys under which the hints of a recipe report, as the run does: "kd", "fitnet", "kd-2". */
export function hintKeysOf(recipe: Recipe): string[] {
  const seen = new Map<HintId, number>();
  return recipe.hints.map(({ id }) => {
    const nth = (seen.get(id) ?? 0) + 1;
    seen.set(id, nth);
    return nth === 1 ? id : `${id}-${nth}`;
  });
}

/** Names of the hints for lines and legends, numbered when one occurs twice. */
export function hintNames(recipe: Recipe): string[] {
  return numbered(
    recipe.hints.map(({ id, shuffled }) => (shuffled ? hintEntryKnobs.shuffled.label : hintAbouts[id].title)),
  );
}

/** The same where there is little room: by the abbreviations of their papers, if they have any ("DKD"). */
export function shortHintNames(recipe: Recipe): string[] {
  return numbered(
    recipe.hints.map(({ id, shuffled }) => {
      if (shuffled) return 'Shuffled';
      const { abbreviation, name } = splitTitle(hintAbouts[id].title);
      return abbreviation ?? name;
    }),
  );
}

function numbered(titles: string[]): string[] {
  return titles.map((title, index) => {
    const twin = titles.indexOf(title) !== index || titles.lastIndexOf(title) !== index;
    return twin ? `${title} ${titles.slice(0, index + 1).filter((other) => other === title).length}` : title;
  });
}
