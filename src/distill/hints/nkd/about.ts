import type { HintAbout, PairFacts } from '../../about';
import { defineKnobs } from '../../knobs';

export const nkdKnobs = defineKnobs({
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: 'T',
    help: 'For the other classes only; the target class is taken at temperature 1.',
    min: 1,
    max: 6,
    step: 0.1,
    default: 1,
    live: true,
  },
  gamma: {
    kind: 'number',
    label: 'Non-target weight',
    symbol: '\\gamma',
    help: 'Weight of the part about the other classes.',
    min: 0,
    max: 5,
    step: 0.1,
    default: 1.5,
    live: true,
  },
});

/** With two classes there is only one other class, and nothing to learn about how the others compare. */
function refuse({ outputs: classes }: PairFacts): string | null {
  return classes < 3
    ? 'This loss compares the wrong classes with each other, and with two classes there is only one. Use KD (soft targets).'
    : null;
}

export const nkd = {
  id: 'nkd',
  title: 'NKD · Normalized KD',
  kind: 'logits',
  reads: ['output'],
  targets: ['class'],
  line: 'The target class weighted by the teacher’s confidence, and the other classes renormalised.',
  paper: {
    authors: 'Yang, Zeng, Li, Zhang, Yuan, Li',
    title: 'From knowledge distillation to self-knowledge distillation',
    venue: 'ICCV',
    year: 2023,
    url: 'https://arxiv.org/abs/2303.13005',
  },
  badge: 'equal to reference code',
  formula: '\\ell_i = -p^t_{iy}\\log p^s_{iy} - \\gamma T^2\\sum_{c\\neq y}\\hat p^t_{ic}\\log\\hat p^s_{ic}',
  defaultWeight: 1,
  knobs: nkdKnobs,
  refuse,
} as const satisfies HintAbout<typeof nkdKnobs>;
