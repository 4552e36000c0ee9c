import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { refuseTwoClasses, temperatureKnob } from '../of-classes';

export const dkdKnobs = defineKnobs({
  temperature: temperatureKnob,
  alpha: {
    kind: 'number',
    label: 'Target weight',
    symbol: '\\alpha',
    help: 'Weight of the part about the target class against all others.',
    min: 0,
    max: 10,
    step: 0.1,
    default: 1,
    live: true,
  },
  beta: {
    kind: 'number',
    label: 'Non-target weight',
    symbol: '\\beta',
    help: 'Weight of the part among the other classes. The published values are 2, 6 or 8 by pair of networks; lower it if the run diverges.',
    min: 0,
    max: 10,
    step: 0.1,
    default: 8,
    live: true,
  },
});

export const dkd = {
  id: 'dkd',
  title: 'DKD · Decoupled KD',
  kind: 'logits',
  reads: ['output'],
  targets: ['class'],
  line: 'The target class and the other classes apart, each with its own weight.',
  paper: {
    authors: 'Zhao, Cui, Song, Qiu, Liang',
    title: 'Decoupled knowledge distillation',
    venue: 'CVPR',
    year: 2022,
    url: 'https://arxiv.org/abs/2203.08679',
  },
  badge: 'equal to reference code',
  formula: '\\ell_i = \\alpha\\,\\mathrm{TCKD}_i + \\beta\\,\\mathrm{NCKD}_i',
  defaultWeight: 1,
  knobs: dkdKnobs,
  refuse: refuseTwoClasses,
} as const satisfies HintAbout<typeof dkdKnobs>;
