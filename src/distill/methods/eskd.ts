import { fixedWeights, softTargets, type MethodEntry } from './method';

export const eskd: MethodEntry = {
  id: 'eskd',
  title: 'ESKD · Early-stopped KD',
  group: 'Logit-based',
  paper: {
    authors: 'Cho, Hariharan',
    title: 'On the efficacy of knowledge distillation',
    venue: 'ICCV',
    year: 2019,
    url: 'https://arxiv.org/abs/1910.01348',
  },
  badge: 'reconstruction',
  schedule: { distilUntil: 60 },
  sentences: [
    'Soft targets at first, then the labels alone: a small student cannot follow a strong teacher to the end.',
    'Meant for a teacher much larger than the student and for enough labels; with few labels the teacher is needed to the end. The paper also stops the teacher’s own training early: see “Stop it early” of a teacher that is trained here.',
  ],
  formula:
    'L = \\frac1B\\sum_i \\begin{cases}\\gamma\\,\\mathrm{CE}_i + w\\,T^2\\,\\mathrm{KL}\\big(p^t_i(T)\\,\\|\\,p^s_i(T)\\big) & e < E\\\\ \\mathrm{CE}_i & e \\ge E\\end{cases}',
  apply: (recipe, teacher) => ({
    ...recipe,
    method: 'eskd',
    teacher,
    hints: [softTargets(recipe, 0.9)],
    weighting: fixedWeights(),
    objective: { ...recipe.objective, ceWeight: 0.1 },
  }),
};
