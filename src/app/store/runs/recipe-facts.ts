import type { RunFacts } from '../../../training/events';
import type { FactsProblem } from '../../../worker/training-protocol';
import type { RunsSlice } from './runs-store';
import { sentenceOf } from '../../../limits/texts';

export interface RecipeFactsSlice {
  /** Images, networks and cost of a run of the current recipe. */
  facts: RunFacts | null;
  /** Why that recipe cannot be run. */
  factsProblem: FactsProblem | null;
  factsPending: boolean;
  inspect: () => void;
}

export const recipeFactsSlice: RunsSlice<RecipeFactsSlice> =
  ({ view, recipe, data, training }) =>
  (set) => {
    let latest = 0;
    return {
      facts: null,
      factsProblem: null,
      factsPending: false,
      inspect: () => {
        latest += 1;
        set({ factsPending: true });
        const dataset = data.getState().ownSet();
        const request = latest;
        const settle = (changes: Partial<RecipeFactsSlice>) => {
          if (request === latest) set({ facts: null, factsProblem: null, factsPending: false, ...changes });
        };
        training.call('inspect', { recipe: recipe.getState().recipe, dataset }).then(
          (facts) => settle('problem' in facts ? { factsProblem: facts } : { facts }),
          (error: unknown) => {
            // The recipe may well run, so that this must not keep it from being started.
            settle({});
            view.getState().notify({
              tone: 'warning',
              title: 'What this recipe costs is not known',
              text: `${sentenceOf(error)} It can be started all the same; the next change asks again.`,
            });
          },
        );
      },
    };
  };
