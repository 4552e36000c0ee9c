import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const ctkdKnobs = defineKnobs({
  start: {
    kind: 'number',
    label: 'Lowest temperature',
    help: 'The learned temperature never falls below this.',
    min: 1,
    max: 10,
    step: 0.1,
    default: 1,
    live: true,
  },
  span: {
    kind: 'number',
    label: 'Range of temperatures',
    help: 'How far above the lowest it can rise.',
    min: 1,
    max: 40,
    step: 0.5,
    default: 20,
    live: true,
  },
  loops: {
    kind: 'number',
    label: 'Curriculum',
    unit: '% of the run',
    help: 'Over this part of the run the temperature gains the strength to work against the student. The published runs use 10 of 240 epochs.',
    min: 1,
    max: 100,
    step: 1,
    default: 4,
    live: true,
  },
  strengthFrom: {
    kind: 'number',
    label: 'Strength at first',
    help: 'Factor on the temperature’s gradient when the run starts. Below zero it works against the student.',
    min: -5,
    max: 5,
    step: 0.1,
    default: 0,
    live: true,
    advanced: true,
  },
  strengthTo: {
    kind: 'number',
    label: 'Strength in the end',
    help: 'The same after the curriculum. −1 is the published reversal; 1 would help the student instead.',
    min: -5,
    max: 5,
    step: 0.1,
    default: -1,
    live: true,
    advanced: true,
  },
  standardise: {
    kind: 'switch',
    label: 'Standardise logits first',
    help: 'Compares the pattern of each image’s logits and not their size (LSKD).',
    default: false,
  },
});

export const ctkd = {
  id: 'ctkd',
  title: 'Curriculum temperature (CTKD)',
  kind: 'logits',
  line: 'Soft targets at a temperature that is learned, and works ever harder against the student.',
  paper: {
    authors: 'Li, Li, Yang, Zhao, Song, Luo, Li, Yang',
    title: 'Curriculum temperature for knowledge distillation',
    venue: 'AAAI',
    year: 2023,
    url: 'https://arxiv.org/abs/2211.16231',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = T^2\\,\\mathrm{KL}\\big(p^t_i(T)\\,\\|\\,p^s_i(T)\\big),\\quad T = T_0 + \\Delta\\,\\sigma(\\theta),\\; \\dot\\theta \\propto +\\lambda\\,\\partial_\\theta\\ell',
  defaultWeight: 0.9,
  knobs: ctkdKnobs,
} as const satisfies HintAbout<typeof ctkdKnobs>;
