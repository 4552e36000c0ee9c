import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const lsKnobs = defineKnobs({
  smoothing: {
    kind: 'number',
    label: 'Smoothing',
    symbol: '\\epsilon',
    help: 'How much probability the label gives away to the classes it does not name.',
    min: 0,
    max: 0.5,
    step: 0.01,
    default: 0.1,
    live: true,
  },
  spread: {
    kind: 'choice',
    label: 'Spread over',
    help: 'Where it goes: evenly over all classes, the right one among them (as libraries do), or over the wrong ones only.',
    options: [
      { value: 'all', label: 'All classes' },
      { value: 'others', label: 'The others' },
    ],
    default: 'all',
    live: true,
  },
});

export const ls = {
  id: 'ls',
  title: 'Label smoothing',
  kind: 'logits',
  reads: [],
  targets: ['class'],
  line: 'The label itself, a little less sure of itself: a soft target without a teacher.',
  paper: {
    authors: 'Szegedy, Vanhoucke, Ioffe, Shlens, Wojna',
    title: 'Rethinking the Inception architecture for computer vision',
    venue: 'CVPR',
    year: 2016,
    url: 'https://arxiv.org/abs/1512.00567',
  },
  badge: 'equal to reference code',
  formula: '\\ell_i = -\\sum_c q_{ic}\\log p^s_{ic},\\quad q_{ic} = (1-\\epsilon)\\,[c = y_i] + \\epsilon/C',
  defaultWeight: 1,
  knobs: lsKnobs,
} as const satisfies HintAbout<typeof lsKnobs>;
