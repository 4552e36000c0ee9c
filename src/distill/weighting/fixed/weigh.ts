import { tf } from '../../../engine/tf';
import type { ValuesOf } from '../../knobs';
import type { WeightingFactory } from '../weighting';
import type { fixedKnobs } from './about';
import { hintFactor } from './schedule';

/** The recipe's weights, the same for every image. */
export const createFixed: WeightingFactory = ({ recipe }) => {
  const knobs = () => recipe().weighting.knobs as ValuesOf<typeof fixedKnobs>;
  return {
    autoBalance: knobs().autoBalance,
    parameters: 0,
    weigh: ({ share }) => {
      const factor = hintFactor(share, knobs());
      return { weights: tf.tensor2d([recipe().hints.map((hint) => hint.weight * factor)]) };
    },
    learnsAt: () => false,
    learn: () => ({}),
    dispose: () => undefined,
  };
};
