import { liveTensor } from '../../../engine/capture/capture';
import type { Tensor2D } from '../../../engine/tf';
import type { ValuesOf } from '../../knobs';
import type { WeightingFactory } from '../weighting';
import type { fixedKnobs } from './about';
import { hintFactor } from './schedule';

/** The recipe's weights, the same for every image. */
export const createFixed: WeightingFactory = ({ recipe, hints }) => {
  const weights = liveTensor<Tensor2D>([1, hints]);
  const knobs = () => recipe().weighting.knobs as ValuesOf<typeof fixedKnobs>;
  return {
    autoBalance: knobs().autoBalance,
    parameters: 0,
    inputs: [weights],
    prepare: (progress) => {
      const factor = hintFactor(progress, knobs());
      weights.write(recipe().hints.map((hint) => hint.weight * factor));
    },
    weigh: () => ({ weights: weights.tensor.clone() }),
    learnsAt: () => false,
    learn: () => ({}),
    state: () => Promise.resolve({ variables: [], optimiser: null }),
    restore: () => undefined,
    dispose: () => weights.dispose(),
  };
};
