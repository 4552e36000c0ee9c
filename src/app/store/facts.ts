import type { RunFacts } from '../../training/events';
import type { FactsProblem } from '../../worker/protocol';
import type { Slice } from './state';

export interface FactsSlice {
  /** What a run of the recipe on the bench would look at and cost. */
  facts: RunFacts | null;
  /** Why that recipe cannot be run. */
  factsProblem: FactsProblem | null;
  factsPending: boolean;
  inspect: () => void;
  takeFacts: (request: number, facts: RunFacts | FactsProblem) => void;
}

export const factsSlice: Slice<FactsSlice> =
  ({ training }) =>
  (set, get) => {
    let latest = 0;
    return {
      facts: null,
      factsProblem: null,
      factsPending: false,
      inspect: () => {
        latest += 1;
        const { recipe, upload } = get();
        set({ factsPending: true });
        const dataset = recipe.material.dataset === 'upload' ? upload : null;
        training.send({ type: 'inspect', request: latest, recipe, dataset });
      },
      takeFacts: (request, facts) => {
        if (request !== latest) return;
        if ('problem' in facts) set({ facts: null, factsProblem: facts, factsPending: false });
        else set({ facts, factsProblem: null, factsPending: false });
      },
    };
  };
