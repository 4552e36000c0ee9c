import { anyTarget, type HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const ofdKnobs = defineKnobs({
  margin: {
    kind: 'choice',
    label: 'Margin from',
    help: 'What a silent neuron of the teacher is like on average: worked out from its batch norm (the authors), or measured on each batch. Layers without batch norm are always measured.',
    options: [
      { value: 'norm', label: 'Batch norm' },
      { value: 'batch', label: 'The batch' },
    ],
    default: 'norm',
  },
  teacherMode: {
    kind: 'choice',
    label: 'Teacher’s batch norm',
    help: 'With its running statistics, like everywhere else, or with those of each batch, as the authors ran it. That costs a second pass through the teacher.',
    options: [
      { value: 'evaluation', label: 'Running' },
      { value: 'training', label: 'Of the batch' },
    ],
    default: 'evaluation',
    advanced: true,
  },
});

export const ofd = {
  id: 'ofd',
  title: 'OFD · Overhaul of feature distillation',
  kind: 'features',
  reads: ['preActivations'],
  layouts: ['map', 'vector'],
  targets: anyTarget,
  line: 'What excites the teacher, before the ReLU; of what leaves it cold only that it does.',
  paper: {
    authors: 'Heo, Kim, Yun, Park, Kwak, Choi',
    title: 'A comprehensive overhaul of feature distillation',
    venue: 'ICCV',
    year: 2019,
    url: 'https://arxiv.org/abs/1904.01866',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = \\sum_k 2^{k-n}\\sum_{hwc}\\begin{cases}0 & s\\le u\\le 0\\\\ (s-u)^2&\\text{else}\\end{cases},\\quad u = \\max(t, m_c)',
  defaultWeight: 'published',
  published: {
    weight: 0.001,
    scaling: { side: 32, power: () => -2 },
    why: 'The loss is a sum over all places, so it grows with the maps.',
  },
  knobs: ofdKnobs,
} as const satisfies HintAbout<typeof ofdKnobs>;
