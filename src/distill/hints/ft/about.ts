import { anyTarget, type HintAbout } from '../../about';
import { defineKnobs, type KnobValues } from '../../knobs';
import { firstStageSteps, initShareKnob } from '../two-stage';

const isAttention = (values: KnobValues) => values['form'] === 'attention';

export const ftKnobs = defineKnobs({
  form: {
    kind: 'choice',
    label: 'Compares',
    help: 'The factors as they are (the paper), or only where they are active (the benchmark’s code, whose table was made with it).',
    options: [
      { value: 'paper', label: 'Factors (paper)' },
      { value: 'attention', label: 'Their attention (benchmark)' },
    ],
    default: 'paper',
  },
  rate: {
    kind: 'number',
    label: 'Share of channels',
    help: 'Channels of the factors, as a share of the teacher’s.',
    min: 0.25,
    max: 1,
    step: 0.05,
    default: 0.5,
  },
  p1: {
    kind: 'number',
    label: 'Power of the activity',
    help: 'Factors are raised to this power before they are averaged over channels.',
    min: 1,
    max: 4,
    step: 1,
    integer: true,
    default: 2,
    when: isAttention,
  },
  p2: {
    kind: 'number',
    label: 'Power of the difference',
    help: '1 is the mean absolute difference, which is what both forms were published with; 2 is the mean square.',
    min: 1,
    max: 2,
    step: 1,
    integer: true,
    default: 1,
    advanced: true,
  },
  initShare: initShareKnob,
});

export const ft = {
  id: 'ft',
  title: 'FT · Factor transfer',
  kind: 'features',
  reads: ['stages'],
  layouts: ['map', 'vector'],
  targets: anyTarget,
  line: 'The teacher’s last map in its own shorthand, which the student learns to write.',
  paper: {
    authors: 'Kim, Park, Kwak',
    title: 'Paraphrasing complex network: network compression via factor transfer',
    venue: 'NeurIPS',
    year: 2018,
    url: 'https://arxiv.org/abs/1802.04977',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = \\operatorname{mean}\\left|\\frac{\\phi_s(F^s_i)}{\\lVert\\phi_s(F^s_i)\\rVert_2} - \\frac{\\phi_t(F^t_i)}{\\lVert\\phi_t(F^t_i)\\rVert_2}\\right|',
  defaultWeight: 'published',
  published: {
    weight: 200,
    scaling: { side: 32, power: (knobs) => knobs.p2 },
    why: 'The factors have length 1 and their differences are averaged over places, so the loss falls as the maps grow.',
  },
  knobs: ftKnobs,
  preludeSteps: firstStageSteps,
} as const satisfies HintAbout<typeof ftKnobs>;
