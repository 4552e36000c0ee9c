/** What both hints of teacher-free KD share: the paper, and the knob that makes up for its mean over classes. No tensor. */
import type { Citation } from '../about';
import type { NumberKnob } from '../knobs';

export const teacherFree = {
  authors: 'Yuan, Tay, Li, Wang, Feng',
  title: 'Revisiting knowledge distillation via label smoothing regularization',
  venue: 'CVPR',
  year: 2020,
  url: 'https://arxiv.org/abs/1909.11723',
} as const satisfies Citation;

export const multiplier = {
  kind: 'number',
  label: 'Multiplier',
  help: 'The published loss is averaged over the classes, which makes it small; this factor makes up for it. The published 100 is for 100 classes: with 10 classes, 10 is as strong.',
  min: 1,
  max: 100,
  step: 1,
  default: 100,
  live: true,
} as const satisfies NumberKnob;
