import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const distKnobs = defineKnobs({
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: '\\tau',
    help: 'Divides both networks’ logits before the softmax.',
    min: 1,
    max: 8,
    step: 0.1,
    default: 4,
    live: true,
  },
  beta: {
    kind: 'number',
    label: 'Within instances',
    symbol: '\\beta',
    help: 'Weight of the correlation across classes, for each instance.',
    min: 0,
    max: 10,
    step: 0.1,
    default: 1,
    live: true,
  },
  gamma: {
    kind: 'number',
    label: 'Across instances',
    symbol: '\\gamma',
    help: 'Weight of the correlation across the batch, for each class.',
    min: 0,
    max: 10,
    step: 0.1,
    default: 1,
    live: true,
  },
});

export const dist = {
  id: 'dist',
  title: 'DIST · Distillation from a stronger teacher',
  kind: 'logits',
  reads: ['output'],
  targets: ['class'],
  line: 'How the answers relate, within an instance and across the batch, rather than the answers themselves.',
  paper: {
    authors: 'Huang, You, Wang, Qian, Xu',
    title: 'Knowledge distillation from a stronger teacher',
    venue: 'NeurIPS',
    year: 2022,
    url: 'https://arxiv.org/abs/2205.10536',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = \\tau^2\\Big[\\beta\\,\\big(1-\\rho(p^s_{i\\cdot},p^t_{i\\cdot})\\big) + \\gamma\\,\\big(1-\\operatorname{mean}_c\\rho(p^s_{\\cdot c},p^t_{\\cdot c})\\big)\\Big]',
  defaultWeight: 2,
  knobs: distKnobs,
} as const satisfies HintAbout<typeof distKnobs>;
