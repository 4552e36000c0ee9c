import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const wsldKnobs = defineKnobs({
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: 'T',
    help: 'Divides both networks’ logits before the softmax.',
    min: 1,
    max: 10,
    step: 0.1,
    default: 4,
    live: true,
  },
});

export const wsld = {
  id: 'wsld',
  title: 'WSLD · Weighted soft labels',
  kind: 'logits',
  reads: ['output'],
  targets: ['class'],
  line: 'Soft targets, less of them where the student already does as well as the teacher.',
  paper: {
    authors: 'Zhou, Song, Chen, Zhou, Wang, Yuan, Zhang',
    title: 'Rethinking soft labels for knowledge distillation',
    venue: 'ICLR',
    year: 2021,
    url: 'https://arxiv.org/abs/2102.00650',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = \\left(1 - e^{-\\mathrm{CE}^s_i/\\mathrm{CE}^t_i}\\right) T^2\\, H\\!\\left(p^t_i(T), p^s_i(T)\\right)',
  defaultWeight: 2.25,
  knobs: wsldKnobs,
} as const satisfies HintAbout<typeof wsldKnobs>;
