// The page loads this chunk when it needs it, which may be as a test file ends; here it is loaded from the start.
import '../../../src/app/recipe/propose-pair';
import type { Session } from '../../../src/app/store/session';

export * from '../../../src/app/store/session';

/** The states of the five stores as they are now. */
export function statesOf({ view, library, recipe, data, runs }: Session) {
  return {
    view: view.getState(),
    library: library.getState(),
    recipe: recipe.getState(),
    data: data.getState(),
    runs: runs.getState(),
  };
}
