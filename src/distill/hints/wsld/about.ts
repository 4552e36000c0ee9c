import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { temperatureKnob } from '../of-classes';

export const wsldKnobs = defineKnobs({
  temperature: temperatureKnob,
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
