import { anyTarget, type HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { firstStageSteps, initShareKnob, stagesKnob } from '../two-stage';

export const abKnobs = defineKnobs({
  margin: {
    kind: 'number',
    label: 'Margin',
    symbol: 'm',
    help: 'How far beyond zero the student is to be on the teacher’s side, before it is left in peace.',
    min: 0.5,
    max: 3,
    step: 0.1,
    default: 1,
    live: true,
  },
  reduction: {
    kind: 'choice',
    label: 'Added up as',
    help: 'The authors’ code sums over all neurons, times 0.003, and halves the weight with each stage towards the input. Another library averages over neurons and stages; it goes with a margin of 2.',
    options: [
      { value: 'sum', label: 'Sum (authors)' },
      { value: 'mean', label: 'Mean' },
    ],
    default: 'sum',
    live: true,
  },
  stages: stagesKnob('two'),
  initShare: initShareKnob,
});

export const ab = {
  id: 'ab',
  title: 'AB · Activation boundary',
  kind: 'features',
  reads: ['preActivations'],
  layouts: ['map', 'vector'],
  targets: anyTarget,
  line: 'Which neurons fire for which instance, whatever their strength.',
  paper: {
    authors: 'Heo, Lee, Yun, Choi',
    title: 'Knowledge transfer via distillation of activation boundaries formed by hidden neurons',
    venue: 'AAAI',
    year: 2019,
    url: 'https://arxiv.org/abs/1811.03233',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = \\sum_k 2^{k-n}\\cdot 0.003\\sum_{hwc}\\begin{cases}(s+m)^2 & t\\le 0,\\ s>-m\\\\ (s-m)^2 & t>0,\\ s\\le m\\\\ 0&\\text{else}\\end{cases}',
  defaultWeight: 'published',
  published: {
    weight: 1,
    scaling: { side: 32, power: (knobs) => (knobs.reduction === 'sum' ? -2 : 0) },
    why: 'As a sum over all neurons the loss grows with the maps; as a mean it does not.',
  },
  knobs: abKnobs,
  preludeSteps: firstStageSteps,
} as const satisfies HintAbout<typeof abKnobs>;
