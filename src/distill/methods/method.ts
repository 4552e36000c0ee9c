/** What a method of the picker is, and how most of them are made. */
import {
  isTeacherFree,
  kindTitles,
  type Badge,
  type Citation,
  type HintAbout,
  type InputKind,
} from '../about';
import { hintAbouts, type HintId } from '../hints/abouts';
import { defaultsOf, type KnobValues } from '../knobs';
import { materialKnobs } from '../material/about';
import { defaultHint, type HintEntry, type Recipe } from '../recipe';
import { scheduleKnobs } from '../schedule/about';
import { studentKnobs } from '../students/about';
import { teacherAbouts } from '../teachers/abouts';
import { weightingAbouts } from '../weighting/abouts';

export interface MethodAbout {
  id: string;
  title: string;
  /** What it teaches, for the grouping of the picker. */
  group:
    | 'No teacher'
    | 'Logit-based'
    | 'Feature-based'
    | 'Relation-based'
    | 'Teacher-side'
    | 'Data-side'
    | 'Combined losses';
  paper: Citation | null;
  badge: Badge;
  /** What it does, and what to look for or when it helps. */
  sentences: readonly [string, string];
  /** TeX of the student's objective. */
  formula: string;
  /** Kinds of inputs that it can study; any where left out. */
  inputs?: readonly InputKind[];
  /** The recipe with this method's axes set; material, student and schedule stay as they are. */
  apply: (recipe: Recipe) => Recipe;
}

/** A method as it is written down. */
export interface MethodEntry extends Omit<MethodAbout, 'apply'> {
  /**
   * What of the recipe's teacher belongs to this method and goes when another one is chosen: its kind, or how it is
   * trained. Left out where the teacher is the recipe's own.
   */
  ownTeacher?: 'kind' | 'training';
  /**
   * What it makes of the material. These values go back to their defaults when another method is chosen. Left out where
   * the material is the recipe's own.
   */
  material?: Partial<Recipe['material']>;
  /** What it makes of the schedule, which goes back to its defaults when another method is chosen. */
  schedule?: Partial<Recipe['schedule']>;
  /** Its student is in low precision, or starts from the teacher: both go when another method is chosen. */
  ownStudent?: true;
  /** @param teacher the recipe's teacher without what belonged to the method before; a first one where it had none */
  apply: (recipe: Recipe, teacher: Recipe['teacher']) => Recipe;
}

export const fixedWeights = (): Recipe['weighting'] => ({
  id: 'fixed',
  knobs: { ...defaultsOf(weightingAbouts.fixed.knobs) },
});
export const noTeacher = (): Recipe['teacher'] => ({ kind: 'none', knobs: {} });

/** A teacher that is trained here: a network of the given name, from the labels the student has or from all. */
export const trained = (network: string, labels: 'all' | 'student'): Recipe['teacher'] => ({
  kind: 'single',
  knobs: { ...defaultsOf(teacherAbouts.single.knobs), source: 'train', network, labels },
});

/** The recipe's teacher without what belonged to its method; a first one where nothing else is left. */
export function teacherOf({ teacher }: Recipe, own: MethodEntry['ownTeacher']): Recipe['teacher'] {
  const first = defaultsOf(teacherAbouts.single.knobs);
  if (teacher.kind === 'none' || own === 'kind') return { kind: 'single', knobs: first };
  if (own !== 'training') return teacher;
  return {
    ...teacher,
    knobs: { ...teacher.knobs, source: 'train', network: first.network, labels: first.labels },
  };
}

/**
 * The material under a method: what the method before it made of it goes back to its defaults, unless both want it; what
 * this one makes of it is set.
 */
export function materialOf(
  { material }: Recipe,
  before: MethodEntry['material'] = {},
  now: MethodEntry['material'] = {},
): Recipe['material'] {
  const defaults = defaultsOf(materialKnobs);
  const undone = Object.fromEntries(
    Object.keys(before).map((name) => [name, defaults[name as keyof typeof defaults]]),
  );
  return { ...material, ...undone, ...now };
}

/** The schedule under a method, as `materialOf` does it. */
export function scheduleOf(
  { schedule }: Recipe,
  before: MethodEntry['schedule'] = {},
  now: MethodEntry['schedule'] = {},
): Recipe['schedule'] {
  const defaults = defaultsOf(scheduleKnobs);
  const undone = Object.fromEntries(
    Object.keys(before).map((name) => [name, defaults[name as keyof typeof defaults]]),
  );
  return { ...schedule, ...undone, ...now };
}

/** The recipe with its student's network as it would be drawn and computed for any method. */
export function withPlainStudent(recipe: Recipe): Recipe {
  return { ...recipe, student: { ...defaultsOf(studentKnobs), network: recipe.student.network } };
}

/** Keeps the entry a recipe already has for a hint, so that switching methods does not reset its knobs. */
export function hint(recipe: Recipe, id: HintId, changes: Partial<HintEntry> = {}): HintEntry {
  const present = recipe.hints.find((entry) => entry.id === id && !entry.shuffled);
  return { ...(present ?? defaultHint(id)), ...changes };
}

/** For short runs: temperature 2 unless the recipe has its own. */
export function softTargets(recipe: Recipe, weight: number): HintEntry {
  const present = recipe.hints.find((entry) => entry.id === 'kd' && !entry.shuffled);
  return { ...(present ?? { ...defaultHint('kd'), knobs: { temperature: 2 } }), weight };
}

export interface OneHintOptions {
  /** Id and title of the method, where they are not the hint's. */
  id?: string;
  title?: string;
  ceWeight?: number;
  /** Of the hint's weight, in % of the run. */
  warmup?: number;
  /** Knobs of the hint that make it this method. */
  knobs?: KnobValues;
  ownTeacher?: 'training';
  /** The teacher; the recipe's own, or a first one, unless said otherwise. */
  teacher?: (recipe: Recipe) => Recipe['teacher'];
}

/** A method that is one hint beside the labels, with the published weights. */
export function oneHint(
  hintId: HintId,
  sentences: MethodAbout['sentences'],
  { id = hintId, title, ceWeight = 1, warmup = 0, knobs = {}, ownTeacher, teacher }: OneHintOptions = {},
): MethodEntry {
  const about: HintAbout = hintAbouts[hintId];
  return {
    id,
    title: title ?? about.title,
    group: isTeacherFree(about) ? 'No teacher' : kindTitles[about.kind],
    paper: about.paper,
    badge: about.badge,
    sentences,
    ...(ownTeacher ? { ownTeacher } : {}),
    formula: `L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\,\\ell_i,\\qquad ${about.formula}`,
    apply: (recipe, given) => {
      const entry = hint(recipe, hintId, { weight: about.defaultWeight });
      return {
        ...recipe,
        method: id,
        teacher: teacher?.(recipe) ?? given,
        hints: [{ ...entry, knobs: { ...entry.knobs, ...knobs } }],
        weighting: { id: 'fixed', knobs: { ...defaultsOf(weightingAbouts.fixed.knobs), warmup } },
        objective: { ...recipe.objective, ceWeight },
      };
    },
  };
}
