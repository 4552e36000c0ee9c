/** Every method of the picker as a small recipe on the small images, for what must hold for each of them. */
import { materialKnobs } from '../../../src/distill/material/about';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultRecipe, readRecipe, type Recipe } from '../../../src/distill/recipe';
import { targetRefusal } from '../../../src/distill/target-refusal';
import { planRun } from '../../../src/training/plan';
import { tinyDataset, tinyRecipe } from './tiny';

/** Those that can be taught classes. */
export const methodsOfClasses = methods.filter(
  ({ apply }) => targetRefusal(apply(defaultRecipe()), 'class') === null,
);

/** Small values for knobs that cost time, where a kind of teacher, a loss or a weighting has them. */
const ofTeachers = { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 40 };
const ofWeightings = { metaInterval: 3, metaWarmup: 20, metaPerClass: 4, metaBatch: 8 };
const ofLosses = { searchSteps: 6 };
/** The fewest that a recipe file may ask for, since a run that goes on reads its recipe as one. */
const { ganSteps, ratioSteps, dSteps, ganNoise } = materialKnobs;
const ofMaterial = {
  ganSteps: ganSteps.min,
  ratioSteps: ratioSteps.min,
  dSteps: dSteps.min,
  ganNoise: ganNoise.min,
};

/** @param schedule beside what the method itself makes of it */
export function smallRecipeOf(
  { apply }: (typeof methods)[number],
  schedule: Partial<Recipe['schedule']>,
): Recipe {
  const applied = apply(
    tinyRecipe({
      material: { dataset: 'upload', labelsPerClass: 12 },
      teacher: { kind: 'single', knobs: ofTeachers },
      objective: { control: false },
    }),
  );
  const { weighting, teacher, hints, material } = applied;
  const { recipe, problems } = readRecipe({
    ...applied,
    // A teacher that has hardly learned may see one class in all stimuli.
    material: { ...material, ...ofMaterial, unlabelled: Math.min(material.unlabelled, 40), balance: false },
    teacher: { ...teacher, knobs: { ...teacher.knobs, ...only(teacher.knobs, ofTeachers) } },
    hints: hints.map((hint) => ({ ...hint, knobs: { ...hint.knobs, ...only(hint.knobs, ofLosses) } })),
    weighting: { ...weighting, knobs: { ...weighting.knobs, ...only(weighting.knobs, ofWeightings) } },
    schedule: { ...applied.schedule, batch: 8, ...schedule },
  });
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join(' '));
  return fitting(recipe);
}

/** Those of the changes whose knob is there. */
function only(knobs: object, changes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(changes).filter(([name]) => name in knobs));
}

/** The recipe, or where teacher and student do not go together, with a pair that does. */
function fitting(recipe: Recipe): Recipe {
  const others = [
    recipe,
    // A hint that wants equal numbers of channels.
    { ...recipe, student: { ...recipe.student, network: 'cnn-4-8' } },
    // One that wants several maps of each size.
    { ...recipe, teacher: { ...recipe.teacher, knobs: { ...recipe.teacher.knobs, network: 'cnn2-4-8' } } },
  ];
  const found = others.find((other) => {
    try {
      planRun(other, tinyDataset());
      return true;
    } catch {
      return false;
    }
  });
  if (!found) throw new Error(`No small pair of networks fits ${recipe.method}.`);
  return found;
}
