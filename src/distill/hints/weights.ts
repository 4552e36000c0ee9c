/** Weights of hints as a run uses them: numbers, also where the recipe says "published". */
import type { HintAbout } from '../about';
import { publishedWeight, type HintEntry, type Recipe } from '../recipe';
import { hintAbouts } from './abouts';

/** A recipe whose every weight is a number. */
export interface ResolvedRecipe extends Recipe {
  hints: (HintEntry & { weight: number })[];
}

/** What the paper or its reference code takes, for images of the side that it was made for. */
export function publishedOf(id: HintEntry['id']): number {
  const { published, defaultWeight } = hintAbouts[id] as HintAbout;
  return published?.weight ?? Number(defaultWeight);
}

/** Per hint whether the loss of an image may be below zero. */
export function signsOf(hints: readonly Pick<HintEntry, 'id'>[]): boolean[] {
  return hints.map(({ id }) => (hintAbouts[id] as HintAbout).mayBeNegative === true);
}

/** The side in pixels for which the weight was published, where it depends on it; else null. */
export function publishedSide({ id, knobs }: Pick<HintEntry, 'id' | 'knobs'>): number | null {
  const { published } = hintAbouts[id] as HintAbout;
  return published?.scaling && published.scaling.power(knobs) !== 0 ? published.scaling.side : null;
}

/**
 * Side of the square with as many pixels; null for rows of a table, which have none that a loss could go with.
 * @param input [h,w,...] or [columns] of the student's input
 */
export function sideOf([height = 1, width]: readonly number[]): number | null {
  return width === undefined ? null : Math.sqrt(height * width);
}

/** The published weight of a hint for images of this side, in pixels. */
export function scaledWeight({ id, knobs }: Pick<HintEntry, 'id' | 'knobs'>, side: number | null): number {
  const { published } = hintAbouts[id] as HintAbout;
  const scale =
    published?.scaling && side !== null
      ? (side / published.scaling.side) ** published.scaling.power(knobs)
      : 1;
  return publishedOf(id) * scale;
}

/**
 * The number that a weight that says "published" stands for.
 * @param image [h,w,...] of the student's input; without it the weight is as it was published
 */
export function publishedNumber(
  entry: Pick<HintEntry, 'id' | 'knobs'>,
  image: readonly number[] | undefined,
): number {
  return image ? scaledWeight(entry, sideOf(image)) : publishedOf(entry.id);
}

/** @param image [h,w,...] of the student's input, halved if the recipe halves it */
export function withResolvedWeights(recipe: Recipe, image: readonly number[]): ResolvedRecipe {
  const side = sideOf(image);
  return {
    ...recipe,
    hints: recipe.hints.map((entry) => ({
      ...entry,
      weight: entry.weight === publishedWeight ? scaledWeight(entry, side) : entry.weight,
    })),
  };
}
