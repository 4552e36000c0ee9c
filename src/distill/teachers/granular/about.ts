import type { TeacherAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { sourceKnobs } from '../single/about';
import { corruptionKnobs, corruptionNames } from '../trained';
import type { CodeWidths } from './heads';

/** What a code width of 0 stands for: about half and twice the width of the feature. */
export function codeWidths(
  knobs: { abstractWidth: number; detailedWidth: number },
  feature: number,
): CodeWidths {
  return {
    abstract: knobs.abstractWidth || Math.max(2, Math.round(feature / 2)),
    detailed: knobs.detailedWidth || feature * 2,
  };
}

export const granularKnobs = defineKnobs({
  ...sourceKnobs,
  mode: {
    kind: 'choice',
    label: 'The student is shown',
    help: 'The teacher’s own answer, or the mean of its own and those of its two heads. The codes are shown in both.',
    options: [
      { value: 'stable', label: 'Mean of three answers (excitation)' },
      { value: 'granular', label: 'The teacher’s own answer (granularity-wise)' },
    ],
    default: 'stable',
  },
  abstractWidth: {
    kind: 'number',
    label: 'Abstract code',
    unit: 'numbers',
    help: 'Width of the narrow code; the authors take 64. 0 means half the width of the teacher’s embedding.',
    min: 0,
    max: 256,
    step: 1,
    integer: true,
    default: 0,
  },
  detailedWidth: {
    kind: 'number',
    label: 'Detailed code',
    unit: 'numbers',
    help: 'Width of the wide code; the authors take 256. 0 means twice the width of the teacher’s embedding.',
    min: 0,
    max: 512,
    step: 1,
    integer: true,
    default: 0,
  },
  headEpochs: {
    kind: 'number',
    label: 'Epochs of the heads',
    help: 'How long the heads learn to re-make the frozen teacher’s decisions. Quick: only the two heads are trained.',
    min: 1,
    max: 100,
    step: 1,
    integer: true,
    default: 15,
  },
  headRate: {
    kind: 'number',
    label: 'Learning rate of the heads',
    help: 'Divided by ten after half and after three quarters of their training. SGD with momentum 0.9.',
    min: 1e-4,
    max: 0.5,
    step: 1e-4,
    scale: 'log',
    default: 0.01,
    live: true,
  },
  keptHeads: {
    kind: 'choice',
    label: 'Heads kept',
    help: 'Each head as it was after the epoch in which it was right most often on instances that it does not learn from (validation instances, or a tenth of the teacher’s instances where there is no validation split), as in the authors’ protocol; or both as they are after the last epoch.',
    options: [
      { value: 'best', label: 'Of the best epoch' },
      { value: 'last', label: 'Of the last epoch' },
    ],
    default: 'best',
    advanced: true,
  },
  lowTemperature: {
    kind: 'number',
    label: 'Temperature, abstract head',
    help: 'The narrow code learns the sharper answers.',
    min: 1,
    max: 10,
    step: 0.5,
    default: 2,
    advanced: true,
  },
  highTemperature: {
    kind: 'number',
    label: 'Temperature, detailed head',
    help: 'The wide code learns the softer answers, with more of what the teacher thinks of wrong classes.',
    min: 2,
    max: 20,
    step: 0.5,
    default: 8,
    advanced: true,
  },
  ...corruptionKnobs,
});

export const granular = {
  id: 'granular',
  title: 'MGD · Multi-granularity teacher',
  line: 'A trained teacher learns to squeeze its knowledge through a narrow and a wide code; the student sees codes and answers.',
  paper: {
    authors: 'Shao, Chen',
    title: 'Multi-granularity for knowledge distillation',
    venue: 'Image and Vision Computing',
    year: 2021,
    url: 'https://arxiv.org/abs/2108.06681',
  },
  badge: 'equal to reference code',
  formula: 'z^t = \\tfrac13\\,(z + z_a + z_d)',
  size: 'first',
  trainedBefore: () => true,
  shownBy: ['mode', ...corruptionNames],
  targets: ['class'],
  knobs: granularKnobs,
} as const satisfies TeacherAbout<typeof granularKnobs>;
