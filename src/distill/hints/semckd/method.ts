import { fixedWeights, hint, oneHint, softTargets, type MethodEntry } from '../../methods/method';
import { semckd } from './about';

export const methods: readonly MethodEntry[] = [
  {
    ...oneHint('semckd', [
      'Every student layer learns from all teacher layers, with weights that it learns from how instances resemble each other.',
      'The table of attention shows which layers found each other. Slow: every pair of layers has a regressor of its own.',
    ]),
    formula: `L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w_1\\,\\ell^{\\mathrm{kd}}_i + w_2\\,\\ell_i,\\qquad ${semckd.formula}`,
    apply: (recipe, teacher) => ({
      ...recipe,
      method: 'semckd',
      teacher,
      hints: [softTargets(recipe, 1), hint(recipe, 'semckd', { weight: semckd.defaultWeight })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 1 },
    }),
  },
];
