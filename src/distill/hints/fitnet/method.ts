import { fixedWeights, hint, softTargets, type MethodEntry } from '../../methods/method';
import { fitnet } from './about';

export const methods: readonly MethodEntry[] = [
  {
    id: 'fitnet',
    title: fitnet.title,
    group: 'Feature-based',
    paper: fitnet.paper,
    badge: 'equal to reference code',
    sentences: [
      'A small regressor maps one of the student’s feature maps onto one of the teacher’s.',
      'The published weight of 100 is for long runs; it starts at 0.2 here, so that a short run loses nothing.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\,\\lVert R(F^s_i)-F^t_i\\rVert^2_{\\text{mean}}',
    apply: (recipe, teacher) => ({
      ...recipe,
      method: 'fitnet',
      teacher,
      hints: [hint(recipe, 'fitnet', { weight: fitnet.defaultWeight })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 1 },
    }),
  },
  {
    id: 'fitnet-two',
    title: 'FitNets · Hint in two stages',
    group: 'Feature-based',
    paper: fitnet.paper,
    badge: 'restated from the paper',
    sentences: [
      'The paper’s own protocol: the lower half of the student learns the hint first, then all of it learns with soft targets.',
      'The hint pulls no more once the labels come in; watch how far its loss rises again.',
    ],
    formula:
      '\\text{first } \\min \\lVert R(F^s)-F^t\\rVert^2_{\\text{mean}},\\quad\\text{then } L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\,T^2\\,\\mathrm{KL}\\big(p^t_i\\,\\|\\,p^s_i\\big)',
    apply: (recipe, teacher) => {
      const entry = hint(recipe, 'fitnet', { weight: fitnet.defaultWeight });
      return {
        ...recipe,
        method: 'fitnet-two',
        teacher,
        hints: [{ ...entry, knobs: { ...entry.knobs, stages: 'two' } }, softTargets(recipe, 0.9)],
        weighting: fixedWeights(),
        objective: { ...recipe.objective, ceWeight: 0.1 },
      };
    },
  },
];
