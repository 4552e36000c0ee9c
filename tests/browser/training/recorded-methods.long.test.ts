/** Every method's steps can be recorded, and replayed they give bit for bit what they give op by op. */
import { describe, it, expect } from 'vitest';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultRecipe, readRecipe, type Recipe } from '../../../src/distill/recipe';
import { targetRefusal } from '../../../src/distill/target-refusal';
import { planRun } from '../../../src/training/plan';
import { tinyDataset, tinyRecipe } from '../../unit/training/tiny';
import { onWebgpu } from '../on-webgpu';
import { expectSameBits } from './recorded-runs';

const steps = 20;

onWebgpu({ allOps: true });

/** Small, and long enough for images to come by again, so that a teacher is recalled. */
function recipeOf(apply: (recipe: Recipe) => Recipe): Recipe {
  const applied = apply(
    tinyRecipe({
      material: { dataset: 'upload', labelsPerClass: 12 },
      teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 40 } },
      objective: { control: false },
    }),
  );
  const { weighting, teacher } = applied;
  const { recipe, problems } = readRecipe({
    ...applied,
    // A teacher that has hardly learned may see one class in all stimuli.
    material: { ...applied.material, unlabelled: Math.min(applied.material.unlabelled, 40), balance: false },
    // A teacher of any kind is small and learns for a moment.
    teacher: {
      ...teacher,
      knobs: {
        ...teacher.knobs,
        ...only(teacher.knobs, { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 40 }),
      },
    },
    weighting: {
      ...weighting,
      knobs: {
        ...weighting.knobs,
        ...only(weighting.knobs, { metaInterval: 3, metaWarmup: 20, metaPerClass: 4, metaBatch: 8 }),
      },
    },
    schedule: { ...applied.schedule, steps, batch: 8, evaluateEvery: steps },
  });
  expect(problems).toEqual([]);
  try {
    planRun(recipe, tinyDataset());
    return recipe;
  } catch {
    // A hint that wants equal numbers of channels.
    return { ...recipe, student: { ...recipe.student, network: 'cnn-4-8' } };
  }
}

/** Those of the changes whose knob is there. */
function only(knobs: object, changes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(changes).filter(([name]) => name in knobs));
}

/** The others are recorded in `recorded.test.ts`. */
const ofClasses = methods.filter(({ apply }) => targetRefusal(apply(defaultRecipe()), 'class') === null);

describe.each(ofClasses.map(({ id, apply }) => ({ id, apply })))('$id', ({ apply }) => {
  it('gives the same bits recorded as op by op', () => expectSameBits(recipeOf(apply)));
});
