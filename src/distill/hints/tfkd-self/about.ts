import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { multiplier, teacherFree } from '../teacher-free';

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
  title: 'Tf-KD self · Self-training',
  kind: 'logits',
  reads: ['output'],
  targets: ['class'],
  line: 'The softened answers of a network like the student that was trained before it.',
  paper: teacherFree,
  badge: 'equal to reference code',
  formula: '\\ell_i = m\\,T^2\\operatorname{mean}_c\\, p^t_{ic}(T)\\log\\frac{p^t_{ic}(T)}{p^s_{ic}(T)}',
  defaultWeight: 0.9,
  knobs: tfkdSelfKnobs,
} as const satisfies HintAbout<typeof tfkdSelfKnobs>;
