import { anyTarget, type HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const vidKnobs = defineKnobs({
  firstVariance: {
    kind: 'number',
    label: 'First variance',
    help: 'What each channel’s variance starts from. It is learned: channels that the student cannot predict get a large one and count less.',
    min: 0.1,
    max: 50,
    step: 0.1,
    default: 5,
    advanced: true,
  },
});

export const vid = {
  id: 'vid',
  title: 'VID · Variational information distillation',
  kind: 'features',
  reads: ['stages'],
  layouts: ['map', 'vector'],
  targets: anyTarget,
  mayBeNegative: true,
  line: 'As much information about the teacher’s maps as a Gaussian model can read from the student’s.',
  paper: {
    authors: 'Ahn, Hu, Damianou, Lawrence, Dai',
    title: 'Variational information distillation for knowledge transfer',
    venue: 'CVPR',
    year: 2019,
    url: 'https://arxiv.org/abs/1904.05835',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = \\sum_k\\operatorname{mean}_{hwc}\\tfrac12\\left[\\frac{(\\mu_k(F^s_{ik})-F^t_{ik})^2}{\\sigma_{kc}^2}+\\ln\\sigma_{kc}^2\\right]',
  defaultWeight: 1,
  knobs: vidKnobs,
} as const satisfies HintAbout<typeof vidKnobs>;
