import { anyTarget, type HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const logitsKnobs = defineKnobs({});

export const logits = {
  id: 'logits',
  title: 'Logit matching',
  kind: 'logits',
  reads: ['output'],
  targets: anyTarget,
  line: 'The teacher’s outputs before any softmax, number by number: logits of classes or labels, or the numbers themselves.',
  paper: {
    authors: 'Ba, Caruana',
    title: 'Do deep nets really need to be deep?',
    venue: 'NIPS',
    year: 2014,
    url: 'https://arxiv.org/abs/1312.6184',
  },
  badge: 'equal to reference code',
  formula: '\\ell_i = \\operatorname{mean}_c\\,(z^s_{ic} - z^t_{ic})^2',
  defaultWeight: 0.1,
  knobs: logitsKnobs,
} as const satisfies HintAbout<typeof logitsKnobs>;
