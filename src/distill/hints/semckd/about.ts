import { anyTarget, type HintAbout, type PairFacts } from '../../about';
import { defineKnobs } from '../../knobs';

export const semckdKnobs = defineKnobs({
  layers: {
    kind: 'number',
    label: 'Layers at most',
    help: 'Counts from the last one, in both networks. Every student layer gets a regressor for every teacher layer, so the cost grows with the square.',
    min: 1,
    max: 5,
    step: 1,
    integer: true,
    default: 3,
  },
});

function refuse({ batch }: PairFacts): string | null {
  return batch < 8
    ? `SemCKD learns from how the instances of a batch resemble each other, and ${batch} of them say too little: use batches of at least 8.`
    : null;
}

export const semckd = {
  id: 'semckd',
  title: 'SemCKD · Semantic calibration',
  kind: 'features',
  reads: ['stages'],
  layouts: ['map', 'vector'],
  targets: anyTarget,
  line: 'Every student layer learns from all teacher layers, and finds out by itself which of them speak of the same thing.',
  paper: {
    authors: 'Chen, Mei, Zhang, Wang, Feng, Chen',
    title: 'Cross-layer distillation with semantic calibration',
    venue: 'AAAI',
    year: 2021,
    url: 'https://arxiv.org/abs/2012.03236',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = \\frac1{n_s}\\sum_{k,l} \\alpha_{ikl}\\,\\operatorname{mean}\\left(R_{kl}(F^s_{ik}) - F^t_{il}\\right)^2,\\quad \\alpha_{ik\\cdot} = \\mathrm{softmax}(Q_{ik}^\\top K_i)',
  defaultWeight: 400,
  knobs: semckdKnobs,
  refuse,
} as const satisfies HintAbout<typeof semckdKnobs>;
