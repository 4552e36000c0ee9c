import type { RunFacts } from '../../training/events';
import type { FactsProblem } from '../../worker/training-protocol';
import type { Slice } from './state';
import { sentenceOf } from '../../limits/texts';

export interface FactsSlice {
  /** What a run of the current recipe would look at and cost. */
  facts: RunFacts | null;
  /** Why that recipe cannot be run. */
  factsProblem: FactsProblem | null;
  factsPending: boolean;
  inspect: () => void;
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
        const { recipe } = get();
        set({ factsPending: true });
        const dataset = get().ownSet();
        const request = latest;
        const settle = (changes: Partial<FactsSlice>) => {
          if (request === latest) set({ facts: null, factsProblem: null, factsPending: false, ...changes });
        };
        training.call('inspect', { recipe, dataset }).then(
          (facts) => settle('problem' in facts ? { factsProblem: facts } : { facts }),
          (error: unknown) => {
            // The recipe may well run, so that this must not keep it from being started.
            settle({});
            get().notify({
              tone: 'warning',
              title: 'What this recipe costs is not known',
              text: `${sentenceOf(error)} It can be started all the same; the next change asks again.`,
            });
          },
        );
      },
    };
  };
