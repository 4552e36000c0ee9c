import { anyTarget, type HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { readsIn, spaceKnob } from '../space';

export const rkdKnobs = defineKnobs({
  space: spaceKnob('Embedding'),
  distanceWeight: {
    kind: 'number',
    label: 'Distance weight',
    symbol: 'w_D',
    help: 'Weight of the pairwise distances.',
    min: 0,
    max: 100,
    step: 1,
    default: 25,
    live: true,
  },
  angleWeight: {
    kind: 'number',
    label: 'Angle weight',
    symbol: 'w_A',
    help: 'Weight of the angles between triples; memory grows with the cube of the batch.',
    min: 0,
    max: 200,
    step: 1,
    default: 50,
    live: true,
  },
  angleImages: {
    kind: 'number',
    label: 'Angles among at most',
    unit: 'instances',
    help: 'In larger batches only so many instances, the first ones, have their angles compared: the cost grows with the cube of their number.',
    min: 3,
    max: 256,
    step: 1,
    integer: true,
    default: 64,
    advanced: true,
  },
});

export const rkd = {
  id: 'rkd',
  title: 'RKD · Relational KD',
  kind: 'relations',
  reads: readsIn('embedding'),
  layouts: ['vector'],
  targets: anyTarget,
  line: 'How far instances lie from each other, and at which angles, in the space of embeddings.',
  paper: {
    authors: 'Park, Kim, Lu, Cho',
    title: 'Relational knowledge distillation',
    venue: 'CVPR',
    year: 2019,
    url: 'https://arxiv.org/abs/1904.05068',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = w_D\\operatorname{mean}_j h(D^s_{ij}, D^t_{ij}) + w_A\\operatorname{mean}_{jk} h(A^s_{ijk}, A^t_{ijk})',
  defaultWeight: 1,
  knobs: rkdKnobs,
} as const satisfies HintAbout<typeof rkdKnobs>;
