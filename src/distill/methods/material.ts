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
  {
    id: 'cgan-kd',
    title: 'cGAN-KD · Distillation through generated images',
    group: 'Data-side',
    paper: {
      authors: 'Ding, Wang, Xu, Wang, Welch',
      title:
        'Distilling and transferring knowledge via cGAN-generated samples for image classification and regression',
      venue: 'Expert Systems with Applications',
      year: 2023,
      url: 'https://arxiv.org/abs/2104.03164',
    },
    badge: 'reconstruction',
    sentences: [
      'Knowledge travels through data: a conditional GAN makes images for each class or value, a density ratio keeps the realistic ones, the teacher filters and labels them, and the student learns from real and kept ones.',
      'Any distillation loss can be added. Losses, ratio, sampling and filter equal the reference code; the small networks, the short runs and the GAN of numbers are ours.',
    ],
    formula:
      'L = \\frac{1}{|R\\cup G|}\\sum_{i\\in R\\cup G} \\mathrm{CE}\\big(p^s_i,\\,y_i\\big),\\quad G=\\{x\\sim G(u,c) : u_0\\le \\tfrac{r(x,c)}{M_c},\\ \\mathrm{CE}(p^t(x),c)<q_\\rho\\},\\quad y_i=\\arg\\max p^t(x_i)',
    inputs: ['image'],
    material: {
      unlabelled: 2000,
      unlabelledFrom: 'generated',
      useRatio: true,
      useFilter: true,
      relabel: true,
    },
    apply: (recipe, teacher) => ({
      ...recipe,
      method: 'cgan-kd',
      teacher,
      hints: [],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 1 },
    }),
  },
];
