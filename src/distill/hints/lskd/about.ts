import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const lskdKnobs = defineKnobs({
  base: {
    kind: 'choice',
    label: 'Base loss',
    help: 'Which loss sees the standardised logits.',
    options: [
      { value: 'kd', label: 'KD (soft targets)' },
      { value: 'dkd', label: 'Decoupled (DKD)' },
    ],
    default: 'kd',
  },
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: 'T',
    help: 'Base temperature, after standardising.',
    min: 1,
    max: 6,
    step: 0.1,
    default: 2,
    live: true,
  },
  beta: {
    kind: 'number',
    label: 'Non-target weight',
    help: 'Weight of the part among the other classes, when the base is DKD.',
    min: 0,
    max: 10,
    step: 0.1,
    default: 8,
    live: true,
    when: (values) => values['base'] === 'dkd',
  },
});

export const lskd = {
  id: 'lskd',
  title: 'LSKD · Logit standardization',
  kind: 'logits',
  reads: ['output'],
  targets: ['class'],
  line: 'Soft targets of logits that are standardised per instance, so that only their pattern must match.',
  paper: {
    authors: 'Sun, Ren, Li, Wang, Cao',
    title: 'Logit standardization in knowledge distillation',
    venue: 'CVPR',
    year: 2024,
    url: 'https://arxiv.org/abs/2403.01427',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = T^2\\,\\mathrm{KL}\\!\\left(\\mathrm{softmax}(\\hat z^t_i/T)\\,\\middle\\|\\,\\mathrm{softmax}(\\hat z^s_i/T)\\right),\\quad \\hat z = \\frac{z-\\bar z}{10^{-7}+\\sigma(z)}',
  defaultWeight: 9,
  knobs: lskdKnobs,
} as const satisfies HintAbout<typeof lskdKnobs>;
