/** Methods that differ in what the student studies. */
import { fixedWeights, hint, type MethodEntry } from './method';

export const materialMethods: readonly MethodEntry[] = [
  {
    id: 'mismatched',
    title: 'KD with unlabeled mismatched images',
    group: 'Data-side',
    paper: {
      authors: 'Kulkarni, Patil, Karande',
      title: 'Knowledge distillation using unlabeled mismatched images',
      venue: 'arXiv',
      year: 2017,
      url: 'https://arxiv.org/abs/1703.07131',
    },
    badge: 'reconstruction',
    sentences: [
      'The student never sees an image of its task: it imitates the teacher on pictures that belong to no class, drawn or from another set, and is scored on real ones.',
      'How many classes the teacher sees in the stimuli decides how much they teach. Bringing them to the images’ brightness and drawing them evenly over the teacher’s classes is ours, since the abstract names neither.',
    ],
    formula:
      'L = \\frac1{|U|}\\sum_{i\\in U} T^2\\,\\mathrm{KL}\\big(p^t_i(T)\\,\\|\\,p^s_i(T)\\big),\\qquad U\\ \\text{stimuli}',
    inputs: ['image'],
    material: {
      unlabelled: 5600,
      unlabelledFrom: 'stimuli',
      realShare: 0,
      balance: true,
    },
    apply: (recipe, teacher) => ({
      ...recipe,
      method: 'mismatched',
      teacher,
      hints: [hint(recipe, 'kd', { weight: 1 })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 0 },
    }),
  },
];
