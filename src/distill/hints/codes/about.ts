import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const codesKnobs = defineKnobs({
  lowTemperature: {
    kind: 'number',
    label: 'Temperature, abstract code',
    symbol: 'T_a',
    help: 'Softens the narrow codes before they are compared.',
    min: 1,
    max: 10,
    step: 0.5,
    default: 2,
    live: true,
  },
  highTemperature: {
    kind: 'number',
    label: 'Temperature, detailed code',
    symbol: 'T_d',
    help: 'Softens the wide codes before they are compared. The square of it is a factor, so this part is the larger one at first.',
    min: 2,
    max: 20,
    step: 0.5,
    default: 8,
    live: true,
  },
});

export const codes = {
  id: 'codes',
  title: 'MGD · Multi-granularity distillation',
  kind: 'features',
  reads: ['more'],
  targets: ['class'],
  line: 'The teacher’s narrow and wide code of an instance, which the student learns to make from its own embedding.',
  paper: {
    authors: 'Shao, Chen',
    title: 'Multi-granularity for knowledge distillation',
    venue: 'Image and Vision Computing',
    year: 2021,
    url: 'https://arxiv.org/abs/2108.06681',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = T_a^2\\,\\mathrm{KL}\\big(\\sigma(a^t_i/T_a)\\|\\sigma(a^s_i/T_a)\\big) + T_d^2\\,\\mathrm{KL}\\big(\\sigma(d^t_i/T_d)\\|\\sigma(d^s_i/T_d)\\big)',
  defaultWeight: 1,
  knobs: codesKnobs,
  refuse: ({ teacher }) =>
    teacher.more?.['abstractCode'] && teacher.more['detailedCode']
      ? null
      : 'Codes are made by a teacher with two further views. Choose that kind of teacher, or take this hint out.',
} as const satisfies HintAbout<typeof codesKnobs>;
