/** What the recipe's forms and lists leave out for a kind of data, and why. */
import { expect, test } from 'vitest';
import { hiddenText, lossRefusal, methodRefusal, networkRefusal } from '../../../src/app/recipe/data-kind';
import type { SetShape } from '../../../src/app/recipe/propose-pair';
import { hintAbouts } from '../../../src/distill/hints/abouts';
import { materialKnobs } from '../../../src/distill/material/about';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultRecipe } from '../../../src/distill/recipe';

const table: SetShape = { input: [2], target: 'class', outputs: 2, images: 400 };
const hand: SetShape = { input: [16, 16, 1], target: 'number', outputs: 1, images: 1000 };
const digits: SetShape = { input: [8, 8, 1], target: 'class', outputs: 10, images: 1437 };
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

test('networks that cannot take a table say so', () => {
  expect(networkRefusal('mlp-32', table)).toBeNull();
  expect(networkRefusal('cnn-8-16-32', table)).toMatch(/table|mlp/i);
  expect(networkRefusal('cnn-8-16-32', digits)).toBeNull();
});
