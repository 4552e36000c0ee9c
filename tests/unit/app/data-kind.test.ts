/** What the recipe's forms and lists leave out for a kind of data, and why. */
import { expect, test } from 'vitest';
import {
  hiddenText,
  lossNeeds,
  lossRefusal,
  methodRefusal,
  networkRefusal,
  teacherRefusal,
  unfitText,
} from '../../../src/app/recipe/data-kind';
import { changesBetween } from '../../../src/app/recipe/diff';
import { liveKnobs } from '../../../src/app/recipe/live-knobs';
import { scheduleSummary } from '../../../src/app/recipe/summaries';
import type { SetShape } from '../../../src/app/recipe/propose-pair';
import { hintAbouts } from '../../../src/distill/hints/abouts';
import { knobFor } from '../../../src/distill/knobs';
import { materialKnobs } from '../../../src/distill/material/about';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultRecipe, objectiveKnobs } from '../../../src/distill/recipe';
import { teacherAbouts } from '../../../src/distill/teachers/abouts';
import type { RunFacts } from '../../../src/training/events';

const table: SetShape = { input: [2], target: 'class', outputs: 2, images: 400 };
const hand: SetShape = { input: [16, 16, 1], target: 'number', outputs: 1, images: 1000 };
const digits: SetShape = { input: [8, 8, 1], target: 'class', outputs: 10, images: 1437 };
const labels: SetShape = { input: [8, 16, 1], target: 'labels', outputs: 10, images: 1000 };
const { material } = defaultRecipe();

test('knobs of pictures are hidden for a table, with their names', () => {
  expect(hiddenText(materialKnobs, material, table)).toMatch(/^Not for a table, and hidden: .*Downsample 2×/);
  expect(hiddenText(materialKnobs, material, digits)).toBeNull();
  expect(hiddenText(materialKnobs, material, null)).toBeNull();
});

test('knobs of classes are hidden where targets are numbers', () => {
  expect(hiddenText(materialKnobs, material, hand)).toMatch(
    /^Not for targets that are numbers, and hidden: .*Class with no labels/,
  );
});

test('losses and methods that need classes say so beforehand', () => {
  const kd = methods.find(({ id }) => id === 'kd')!;
  const rkd = methods.find(({ id }) => id === 'rkd')!;
  expect(lossRefusal(hintAbouts.kd, hand)).toMatch(/targets are numbers; .*needs classes/);
  expect(methodRefusal(kd, defaultRecipe(), hand)).toMatch(/targets are numbers/);
  expect(methodRefusal(kd, defaultRecipe(), digits)).toBeNull();
  expect(methodRefusal(rkd, defaultRecipe(), hand)).toBeNull();
});

test('losses of one kind of data and teachers of classes are refused elsewhere', () => {
  expect(lossRefusal(hintAbouts.mld, digits)).toMatch(/targets are classes; .*needs several labels/);
  expect(lossRefusal(hintAbouts.mld, labels)).toBeNull();
  expect(lossRefusal(hintAbouts.kd, labels)).toMatch(/targets are several labels/);
  expect(lossRefusal(hintAbouts.mlld, table)).toMatch(/works on images, and this set is a table/);
  expect(lossRefusal(hintAbouts.at, table)).toMatch(/needs feature maps, and networks for a table/);
  expect(lossNeeds(hintAbouts.at, table)).toBe('Needs feature maps.');
  expect(lossNeeds(hintAbouts.mld, digits)).toBe('Needs several labels at once.');
  expect(lossNeeds(hintAbouts.at, digits)).toBeNull();
  expect(teacherRefusal(teacherAbouts.specialists, hand)).toMatch(/Take one teacher/);
  expect(teacherRefusal(teacherAbouts.specialists, digits)).toBeNull();
});

test('a knob outside of a form says that it means nothing for the data', () => {
  expect(unfitText(materialKnobs.flip, table)).toBe('Not for a table, and ignored.');
  expect(unfitText(materialKnobs.unnamedClass, hand)).toBe('Not for targets that are numbers, and ignored.');
  expect(unfitText(materialKnobs.flip, digits)).toBeNull();
});

test('what is called after a loss or a label is called after that of the task', () => {
  expect(knobFor(objectiveKnobs.ceWeight, 'number').label).toBe('Squared-error weight (γ)');
  expect(knobFor(objectiveKnobs.ceWeight, 'class')).toBe(objectiveKnobs.ceWeight);
  const names = liveKnobs(defaultRecipe(), hand).map(({ label }) => label);
  expect(names).toContain('Squared-error weight (γ)');
  const [before, after] = [1, 2].map((ceWeight) => {
    const recipe = defaultRecipe();
    return {
      ...recipe,
      material: { ...recipe.material, dataset: 'hand' },
      objective: { ...recipe.objective, ceWeight },
    };
  });
  expect(changesBetween(before!, after!).map(({ label }) => label)).toEqual(['Squared-error weight (γ)']);
  const facts = { task: 'regression' } as RunFacts;
  expect(scheduleSummary(defaultRecipe(), facts)).toContain('squared error weight');
  expect(scheduleSummary(defaultRecipe(), null)).toContain('cross-entropy weight');
});

test('networks that cannot take a table say so', () => {
  expect(networkRefusal('mlp-32', table, 'student')).toBeNull();
  expect(networkRefusal('cnn-8-16-32', table, 'student')).toMatch(/table|mlp/i);
  expect(networkRefusal('cnn-8-16-32', digits, 'student')).toBeNull();
});
