import { networkProblem, networkSuggestions } from '../../../nn/network-names';
import type { TeacherAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { corruptionKnobs } from '../trained';

export const adaptingKnobs = defineKnobs({
  network: {
    kind: 'text',
    label: 'Teacher network',
    help: 'Usually wider or deeper than the student. It learns beside it, from the same batches.',
    default: 'cnn-16-32-64',
    suggestions: networkSuggestions,
    problem: networkProblem,
  },
  learningRate: {
    kind: 'number',
    label: 'Teacher learning rate',
    help: 'Highest rate of the teacher’s own steps; it falls as the student’s does. The authors take 0.001 with SGD.',
    min: 1e-5,
    max: 0.1,
    step: 1e-5,
    scale: 'log',
    default: 0.003,
    live: true,
  },
  optimiser: {
    kind: 'choice',
    label: 'Teacher’s optimiser',
    help: 'Adam learns fast in short runs; SGD with momentum 0.9 and weight decay 0.0005 is what was published.',
    options: [
      { value: 'adam', label: 'Adam' },
      { value: 'sgd', label: 'SGD with momentum' },
    ],
    default: 'adam',
    advanced: true,
  },
  adapt: {
    kind: 'choice',
    label: 'Adapt to the second domain',
    help: 'Maximum mean discrepancy pulls the teacher’s features of both domains together. Without it the teacher learns from the labelled images alone.',
    options: [
      { value: 'mmd', label: 'Match features (MMD)' },
      { value: 'none', label: 'Do not' },
    ],
    default: 'mmd',
  },
  g: {
    kind: 'choice',
    label: 'Adaptation grows',
    help: 'The weight of the adaptation rises from 0 to 1: over the whole run, or anew in each epoch, as the authors’ code does.',
    options: [
      { value: 'overall', label: 'Over the run' },
      { value: 'per-epoch', label: 'In each epoch' },
    ],
    default: 'overall',
    advanced: true,
    when: (values) => values['adapt'] === 'mmd',
  },
  order: {
    kind: 'choice',
    label: 'Order',
    help: 'Teacher and student learn together; or the teacher adapts in the first half of the run and the student learns in the second.',
    options: [
      { value: 'together', label: 'Together' },
      { value: 'first', label: 'Adapt first, then distil' },
    ],
    default: 'together',
  },
  beta0: {
    kind: 'number',
    label: 'Distillation at the start',
    symbol: '\\beta_0',
    help: 'Share of the student’s objective at the start; the teacher’s has the rest. The same number at both ends keeps it fixed.',
    min: 0.01,
    max: 1,
    step: 0.01,
    default: 0.1,
    live: true,
    when: (values) => values['order'] === 'together',
  },
  beta1: {
    kind: 'number',
    label: 'Distillation at the end',
    symbol: '\\beta_1',
    help: 'Share of the student’s objective at the end; in between it grows exponentially.',
    min: 0.01,
    max: 1,
    step: 0.01,
    default: 0.9,
    live: true,
    when: (values) => values['order'] === 'together',
  },
  moveTeacher: {
    kind: 'switch',
    label: 'Distillation moves the teacher',
    help: 'The reverse KL also changes the teacher, towards the student: the authors’ code does so, since its optimisers hold both networks. Off, the student alone learns from it.',
    default: false,
    advanced: true,
  },
  ...corruptionKnobs,
});

export const adapting = {
  id: 'adapting',
  title: 'Adapting teacher',
  line: 'A network that learns beside the student and brings its features of images with labels (source) and without (target) together.',
  paper: {
    authors: 'Nguyen-Meidine, Granger, Kiran, Dolz, Blais-Morin',
    title: 'Joint progressive knowledge distillation and unsupervised domain adaptation',
    venue: 'IJCNN',
    year: 2020,
    url: 'https://arxiv.org/abs/2005.07839',
  },
  badge: 'restated from the paper',
  formula:
    '(1-\\beta)\\,\\big[\\mathrm{CE}(z^t_S) + g\\,\\mathrm{MMD}(f^t_S, f^t_T)\\big] + \\beta\\,L_{\\text{student}},\\quad g = \\tfrac{2}{1+e^{-10p}}-1,\\ \\beta = \\beta_0\\,(\\beta_1/\\beta_0)^p',
  size: 'all',
  learnsBeside: true,
  knobs: adaptingKnobs,
} as const satisfies TeacherAbout<typeof adaptingKnobs>;
