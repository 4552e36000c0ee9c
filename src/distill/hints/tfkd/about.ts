import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

const paper = {
  authors: 'Yuan, Tay, Li, Wang, Feng',
  title: 'Revisiting knowledge distillation via label smoothing regularization',
  venue: 'CVPR',
  year: 2020,
  url: 'https://arxiv.org/abs/1909.11723',
} as const;

const multiplier = {
  kind: 'number',
  label: 'Multiplier',
  help: 'The published loss is averaged over the classes, which makes it small; this factor makes up for it. The published 100 is for 100 classes: with 10 classes, 10 is as strong.',
  min: 1,
  max: 100,
  step: 1,
  default: 100,
  live: true,
} as const;

export const tfkdRegKnobs = defineKnobs({
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: 'T',
    help: 'Divides the hand-made teacher’s probabilities before another softmax: at 20 it is nearly even over the classes.',
    min: 1,
    max: 60,
    step: 1,
    default: 20,
    live: true,
  },
  multiplier,
});

export const tfkdReg = {
  id: 'tfkd-reg',
  title: 'Hand-made teacher (Tf-KD)',
  kind: 'logits',
  reads: 'logits',
  line: 'A teacher made by hand: always right, and equally unsure of all the other classes.',
  paper,
  badge: 'equal to reference code',
  formula:
    '\\ell_i = m\\,\\operatorname{mean}_c\\, q_{ic}\\log\\frac{q_{ic}}{p^s_{ic}},\\quad q_i = \\mathrm{softmax}(u_i/T),\\; u_{iy} = 0.99',
  defaultWeight: 0.1,
  knobs: tfkdRegKnobs,
  needsTeacher: false,
} as const satisfies HintAbout<typeof tfkdRegKnobs>;

export const tfkdSelfKnobs = defineKnobs({
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: 'T',
    help: 'Divides both networks’ logits before the softmax.',
    min: 1,
    max: 60,
    step: 1,
    default: 20,
    live: true,
  },
  multiplier,
});

export const tfkdSelf = {
  id: 'tfkd-self',
  title: 'Its own former self (Tf-KD)',
  kind: 'logits',
  reads: 'logits',
  line: 'The softened answers of a network like the student that was trained before it.',
  paper,
  badge: 'equal to reference code',
  formula: '\\ell_i = m\\,T^2\\operatorname{mean}_c\\, p^t_{ic}(T)\\log\\frac{p^t_{ic}(T)}{p^s_{ic}(T)}',
  defaultWeight: 0.9,
  knobs: tfkdSelfKnobs,
} as const satisfies HintAbout<typeof tfkdSelfKnobs>;
