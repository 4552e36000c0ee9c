/** What a method of the picker is, and how most of them are made. */
import type { Badge, Citation } from '../about';
import { hintAbouts, type HintId } from '../hints/abouts';
import { defaultsOf, type KnobValues } from '../knobs';
import { defaultHint, type HintEntry, type Recipe } from '../recipe';
import { teacherAbouts } from '../teachers/abouts';
import { weightingAbouts } from '../weighting/abouts';

export interface MethodAbout {
  id: string;
  title: string;
  /** What it teaches, for the grouping of the picker. */
  group: 'No teacher' | 'Answers' | 'Features' | 'Relations' | 'Other teachers' | 'Several hints';
  paper: Citation | null;
  badge: Badge;
  /** What it does, and what to look for or when it helps. */
  sentences: readonly [string, string];
  /** TeX of the student's objective. */
  formula: string;
  /** The recipe with this method's axes set; material, student and schedule stay as they are. */
  apply: (recipe: Recipe) => Recipe;
}

export const fixedWeights = (): Recipe['weighting'] => ({
  id: 'fixed',
  knobs: { ...defaultsOf(weightingAbouts.fixed.knobs) },
});
/** Methods that choose a teacher of a certain make, which the next method has no use for. */
const choosy = new Set(['tfkd-self', 'fsp']);

/** Methods whose point is the kind of teacher. */
const ofTeachers = new Set(['ensemble', 'rco', 'specialists', 'mgd', 'dml']);

/** The recipe's teacher, or a first one where there is none that was meant to teach anything else. */
export function teacherOf({ teacher, method }: Recipe): Recipe['teacher'] {
  const first = defaultsOf(teacherAbouts.single.knobs);
  if (teacher.kind === 'none' || ofTeachers.has(method)) return { kind: 'single', knobs: first };
  if (!choosy.has(method)) return teacher;
  return {
    ...teacher,
    knobs: { ...teacher.knobs, source: 'train', network: first.network, labels: first.labels },
  };
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
  /** Who teaches; the recipe's own teacher, or a first one, unless said otherwise. */
  teacher?: (recipe: Recipe) => Recipe['teacher'];
}

/** A method that is one hint beside the labels, with the published weights. */
export function oneHint(
  hintId: HintId,
  group: MethodAbout['group'],
  sentences: MethodAbout['sentences'],
  { id = hintId, title, ceWeight = 1, warmup = 0, knobs = {}, teacher = teacherOf }: OneHintOptions = {},
): MethodAbout {
  const about = hintAbouts[hintId];
  return {
    id,
    title: title ?? about.title,
    group,
    paper: about.paper,
    badge: about.badge,
    sentences,
    formula: `L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\,\\ell_i,\\qquad ${about.formula}`,
    apply: (recipe) => {
      const entry = hint(recipe, hintId, { weight: about.defaultWeight });
      return {
        ...recipe,
        method: id,
        teacher: teacher(recipe),
        hints: [{ ...entry, knobs: { ...entry.knobs, ...knobs } }],
        weighting: { id: 'fixed', knobs: { ...defaultsOf(weightingAbouts.fixed.knobs), warmup } },
        objective: { ...recipe.objective, ceWeight },
      };
    },
  };
}
