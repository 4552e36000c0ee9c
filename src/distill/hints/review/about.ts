import { anyTarget, type HintAbout, type PairFacts } from '../../about';
import { defineKnobs } from '../../knobs';

export const reviewKnobs = defineKnobs({
  maxMidChannels: {
    kind: 'number',
    label: 'Widest fusion',
    unit: 'channels',
    help: 'Upper bound of the channels in which levels are fused. The paper uses 512; less is faster in a browser.',
    min: 16,
    max: 512,
    step: 1,
    integer: true,
    default: 128,
  },
  fusion: {
    kind: 'choice',
    label: 'Fusion',
    help: 'How a level takes in what came from the deeper ones: by learned attention (the paper), as a plain sum, or not at all, to see what the review path is worth.',
    options: [
      { value: 'attention', label: 'Attention' },
      { value: 'sum', label: 'Sum' },
      { value: 'none', label: 'None' },
    ],
    default: 'attention',
  },
  studentPreActivation: {
    kind: 'switch',
    label: 'Student before its ReLU',
    help: 'Takes the student’s maps before the stage’s last ReLU, as the teacher’s are. The authors take them after it.',
    default: false,
    advanced: true,
  },
  poolSizes: {
    kind: 'choice',
    label: 'Pools',
    help: 'Besides full size, maps are compared when pooled to squares of these sides (those smaller than the map).',
    options: ['4,2,1', '4,2', '4,1', '2,1', '4', '2', '1', 'none'].map((value) => ({
      value,
      label: value === 'none' ? 'None' : value.replaceAll(',', ', '),
    })),
    default: '4,2,1',
    live: true,
    advanced: true,
  },
  useKd: {
    kind: 'switch',
    label: 'With soft targets',
    help: 'Adds soft targets to this hint, under its weight and warm-up.',
    default: false,
  },
  klWeight: {
    kind: 'number',
    label: 'Weight of soft targets',
    help: 'Within this hint.',
    min: 0,
    max: 10,
    step: 0.1,
    default: 1,
    live: true,
    when: (values) => values['useKd'] === true,
  },
  temperature: {
    kind: 'number',
    label: 'Temperature',
    help: 'Of the soft targets.',
    min: 1,
    max: 20,
    step: 0.1,
    default: 4,
    live: true,
    when: (values) => values['useKd'] === true,
  },
});

function refuse({ student, teacher }: PairFacts): string | null {
  if (student.stages.length < 2)
    return 'ReviewKD reviews at least two stages, and this student has one. Pick a deeper student.';
  if (teacher.stages.length < 2)
    return 'ReviewKD reviews at least two stages, and this teacher has one. Pick a deeper teacher.';
  return null;
}

export const review = {
  id: 'review',
  title: 'ReviewKD · Knowledge review',
  kind: 'features',
  reads: ['preActivations', 'embedding'],
  layouts: ['map', 'vector'],
  targets: anyTarget,
  line: 'All of the teacher’s stages at once, folded into one path from the deepest level to the shallowest.',
  paper: {
    authors: 'Chen, Liu, Zhao, Jia',
    title: 'Distilling knowledge via knowledge review',
    venue: 'CVPR',
    year: 2021,
    url: 'https://arxiv.org/abs/2104.09044',
  },
  badge: 'equal to reference code',
  formula: '\\ell_i = \\sum_k \\mathrm{HCL}\\big(\\mathrm{ABF}_k(F^s_{ik}, R_{i,k+1}),\\, F^t_{ik}\\big)',
  defaultWeight: 1,
  knobs: reviewKnobs,
  refuse,
} as const satisfies HintAbout<typeof reviewKnobs>;
