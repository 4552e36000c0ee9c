import type { Recipe } from '../distill/recipe';

/** A recipe as an indented JSON file, with every knob. */
export function recipeJson(recipe: Recipe): string {
  return `${JSON.stringify(recipe, null, 2)}\n`;
}
