import { fixedWeights, hint, type MethodEntry } from '../../methods/method';
import { at } from './about';

export const methods: readonly MethodEntry[] = [
  {
    id: 'at',
    title: at.title,
    group: 'Feature-based',
    paper: at.paper,
    badge: 'equal to reference code',
    sentences: [
      'The student learns where the teacher’s feature maps are active, stage by stage.',
      'The published weight of 1000 is for 32 pixels and is scaled to the images. It is made for long runs: in a few hundred steps a tenth of it does less harm.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\sum_k \\lVert \\hat A^s_{ik}-\\hat A^t_{ik}\\rVert^2_{\\text{mean}}',
    apply: (recipe, teacher) => ({
      ...recipe,
      method: 'at',
      teacher,
      hints: [hint(recipe, 'at', { weight: at.defaultWeight })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 1 },
    }),
  },
];
