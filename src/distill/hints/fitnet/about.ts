import { anyTarget, type HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { firstStageSteps, initShareKnob, stagesKnob } from '../two-stage';

export const fitnetKnobs = defineKnobs({
  hintLayer: {
    kind: 'number',
    label: 'Hint layer',
    help: 'Which map the student regresses: 0 is the stem, 1 the first stage, and so on. A number past the last stage means the last stage.',
    min: 0,
    max: 5,
    step: 1,
    integer: true,
    default: 2,
  },
  stages: stagesKnob('joint'),
  initShare: initShareKnob,
});

export const fitnet = {
  id: 'fitnet',
  title: 'FitNets · Hint',
  kind: 'features',
  reads: ['stem', 'stages'],
  layouts: ['map', 'vector'],
  targets: anyTarget,
  line: 'One teacher feature map, through a small trained regressor on the student’s side.',
  paper: {
    authors: 'Romero, Ballas, Kahou, Chassang, Gatta, Bengio',
    title: 'FitNets: hints for thin deep nets',
    venue: 'ICLR',
    year: 2015,
    url: 'https://arxiv.org/abs/1412.6550',
  },
  badge: 'equal to reference code',
  formula: '\\ell_i = \\operatorname{mean}_{h,w,c}\\left(R(F^s_i) - F^t_i\\right)^2',
  defaultWeight: 0.2,
  published: {
    weight: 100,
    why: 'The published 100 is made for runs a hundred times as long: in 200 steps on the bundled digits, ten labels a class, it cost 1.4 points (five seeds) where 0.2 gained 1.1.',
  },
  knobs: fitnetKnobs,
  preludeSteps: firstStageSteps,
} as const satisfies HintAbout<typeof fitnetKnobs>;
