import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { refuseTwoClasses } from '../of-classes';

export const nkdKnobs = defineKnobs({
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: 'T',
    help: 'For the other classes only; the target class is taken at temperature 1.',
    min: 1,
    max: 6,
    step: 0.1,
    default: 1,
    live: true,
  },
  gamma: {
    kind: 'number',
    label: 'Non-target weight',
    symbol: '\\gamma',
    help: 'Weight of the part about the other classes.',
    min: 0,
    max: 5,
    step: 0.1,
    default: 1.5,
    live: true,
  },
});

export const nkd = {
  id: 'nkd',
  title: 'NKD · Normalized KD',
  kind: 'logits',
  reads: ['output'],
  targets: ['class'],
  line: 'The target class weighted by the teacher’s confidence, and the other classes renormalised.',
  paper: {
    authors: 'Yang, Zeng, Li, Zhang, Yuan, Li',
    title: 'From knowledge distillation to self-knowledge distillation',
    venue: 'ICCV',
    year: 2023,
    url: 'https://arxiv.org/abs/2303.13005',
  },
  badge: 'equal to reference code',
  formula: '\\ell_i = -p^t_{iy}\\log p^s_{iy} - \\gamma T^2\\sum_{c\\neq y}\\hat p^t_{ic}\\log\\hat p^s_{ic}',
  defaultWeight: 1,
  knobs: nkdKnobs,
  refuse: refuseTwoClasses,
} as const satisfies HintAbout<typeof nkdKnobs>;
