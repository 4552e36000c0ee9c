import { fixedWeights, softTargets, type MethodEntry } from '../../methods/method';
import { kd } from './about';

export const methods: readonly MethodEntry[] = [
  {
    id: 'kd',
    title: 'KD · Knowledge distillation',
    group: 'Logit-based',
    paper: kd.paper,
    badge: 'equal to reference code',
    sentences: [
      'The student imitates the teacher’s softened class probabilities.',
      'It helps most where the student lacks labels the teacher had; with plenty of clean labels expect little.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\,T^2\\,\\mathrm{KL}\\big(p^t_i(T)\\,\\|\\,p^s_i(T)\\big)',
    apply: (recipe, teacher) => ({
      ...recipe,
      method: 'kd',
      teacher,
      hints: [softTargets(recipe, 0.9)],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 0.1 },
    }),
  },
];
