import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { multiplier, teacherFree } from '../teacher-free';

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
  title: 'Tf-KD reg · Teacher-free KD',
  kind: 'logits',
  reads: [],
  targets: ['class'],
  line: 'A teacher made by hand: always right, and equally unsure of all the other classes.',
  paper: teacherFree,
  badge: 'equal to reference code',
  formula:
    '\\ell_i = m\\,\\operatorname{mean}_c\\, q_{ic}\\log\\frac{q_{ic}}{p^s_{ic}},\\quad q_i = \\mathrm{softmax}(u_i/T),\\; u_{iy} = 0.99',
  defaultWeight: 0.1,
  knobs: tfkdRegKnobs,
} as const satisfies HintAbout<typeof tfkdRegKnobs>;
