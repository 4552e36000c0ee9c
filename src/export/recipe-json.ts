import type { Recipe } from '../distill/recipe';

/** A recipe as a file, complete and readable. */
export function recipeJson(recipe: Recipe): string {
  return `${JSON.stringify(recipe, null, 2)}\n`;
}
