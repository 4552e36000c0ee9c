import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const kdKnobs = defineKnobs({
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: 'T',
    help: 'Divides both networks’ logits before the softmax. Higher shows more of what the teacher thinks of the wrong classes. Short runs do best at 1 to 2, long ones at about 4.',
    min: 1,
    max: 20,
    step: 0.1,
    default: 4,
    live: true,
  },
});

export const kd = {
  id: 'kd',
  title: 'KD · Soft targets',
  kind: 'logits',
  reads: ['output'],
  targets: ['class'],
  line: 'The teacher’s softened class probabilities.',
  paper: {
    authors: 'Hinton, Vinyals, Dean',
    title: 'Distilling the knowledge in a neural network',
    venue: 'NIPS workshop',
    year: 2015,
    url: 'https://arxiv.org/abs/1503.02531',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = T^2\\,\\mathrm{KL}\\!\\left(\\mathrm{softmax}(z^t_i/T)\\,\\middle\\|\\,\\mathrm{softmax}(z^s_i/T)\\right)',
  defaultWeight: 0.9,
  knobs: kdKnobs,
} as const satisfies HintAbout<typeof kdKnobs>;
