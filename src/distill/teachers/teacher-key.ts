/**
 * The key of a trained teacher: a text over everything that decides its weights, and nothing else. Runs whose keys are
 * equal have the same teacher, which is then trained once.
 */
import type { Knobs, KnobValues } from '../knobs';
import type { Recipe } from '../recipe';
import { disturbingKnob, materialKnobs } from '../material/about';
import { weightingAbouts } from '../weighting/abouts';
import type { TeacherAbout, WeightingAbout } from '../about';
import { teacherAbouts } from './abouts';

/**
 * Raise it with every change after which the same recipe trains a teacher with other numbers: of initial weights, batch
 * orders, kernels, a bundled data set. Teachers kept under another version are trained anew.
 */
export const numericsVersion = 1;

/** Where a teacher is trained, as far as its numbers depend on it. */
export interface TeacherPlace {
  /** Digest of the data set; of a bundled one its id. */
  dataset: string;
  /** Backend with its kernel variant, such as "wasm, 1 thread, SIMD". */
  backend: string;
}

/** @returns null where no teacher is trained, or it goes on learning with the student */
export function teacherKey(recipe: Recipe, { dataset, backend }: TeacherPlace): string | null {
  const { kind, knobs } = recipe.teacher;
  const about: TeacherAbout = teacherAbouts[kind];
  if (!about.trainedBefore?.(knobs)) return null;
  return JSON.stringify([
    numericsVersion,
    backend,
    dataset,
    recipe.seed,
    kind,
    meant(about.knobs, knobs, about.shownBy),
    materialOf(recipe),
    knobs['labels'] === 'student' ? labelsOf(recipe) : null,
    // At the end and only where it is so, because the keys of kept teachers lack it.
    ...(recipe.schedule.maps === 'half' ? ['maps in half precision'] : []),
  ]);
}

/**
 * The labels that the student has. In its own training a teacher is also measured on instances with such labels, so that
 * curve is another one with other labels, though the teacher is the same.
 */
export function labelsKey(recipe: Recipe): string {
  return JSON.stringify(labelsOf(recipe));
}

/** Which instances the teacher sees, and how. */
function materialOf({ material }: Recipe): unknown {
  const { halve, unlabelled, unlabelledFrom, secondDomain, secondDomainShare, validation, teacherView } =
    material;
  const { trainNoise, trainBlur, trainContrast, testNoise, testBlur, testContrast } = material;
  const isDisturbed = disturbingKnob(material) !== null && teacherView !== 'undisturbed';
  return [
    halve,
    validation,
    unlabelled > 0 && unlabelledFrom === 'second-domain' ? [secondDomain, secondDomainShare] : null,
    isDisturbed ? [trainNoise, trainBlur, trainContrast, testNoise, testBlur, testContrast] : null,
  ];
}

function labelsOf({ material, hints, weighting }: Recipe): unknown {
  const { labelsPerClass, unnamedClass, labelNoise } = material;
  const { extraPerClass }: WeightingAbout = weightingAbouts[weighting.id];
  // Instances for a weighting are taken from those that could keep their label.
  const held = hints.length > 0 ? (extraPerClass?.(weighting.knobs) ?? 0) : 0;
  const noiseKind = meant(materialKnobs, material).find(([name]) => name === 'noiseKind') ?? null;
  return [labelsPerClass, unnamedClass, labelNoise, noiseKind, held];
}

/** The knobs that mean something beside the others, by name. @param except those left out */
function meant(knobs: Knobs, values: KnobValues, except: readonly string[] = []) {
  return Object.entries(values)
    .filter(([name]) => !except.includes(name) && (knobs[name]?.when?.(values) ?? true))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
