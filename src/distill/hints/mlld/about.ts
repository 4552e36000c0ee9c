import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const mlldKnobs = defineKnobs({
  temperature: {
    kind: 'number',
    label: 'Base temperature',
    symbol: 'T_0',
    help: 'The first of the five temperatures at which answers are compared; the others are 3, 5, 2 and 6.',
    min: 1,
    max: 10,
    step: 0.1,
    default: 4,
    live: true,
  },
  strongLabels: {
    kind: 'number',
    label: 'Labels of the changed view',
    help: 'Weight, within this hint, of the labels on the strongly changed view. 0.11 times the hint’s weight of 0.9 is the published 0.1.',
    min: 0,
    max: 2,
    step: 0.01,
    default: 0.11,
    live: true,
  },
  asCoded: {
    kind: 'switch',
    label: 'As published in code',
    help: 'The authors’ code turns the whole loss down by the share of images the teacher is unsure of. Off, only those images count, which is what the text means.',
    default: true,
  },
  standardise: {
    kind: 'switch',
    label: 'Standardise logits first',
    help: 'Compares the pattern of each image’s logits and not their size (LSKD).',
    default: false,
  },
});

export const mlld = {
  id: 'mlld',
  title: 'MLLD · Multi-level logit distillation',
  kind: 'logits',
  reads: ['output'],
  targets: ['class'],
  inputs: ['image'],
  strongView: true,
  line: 'Answers at five temperatures, how classes occur together and how images resemble each other, on two views of each image.',
  paper: {
    authors: 'Jin, Wang, Lin',
    title: 'Multi-level logit distillation',
    venue: 'CVPR',
    year: 2023,
    url: 'https://openaccess.thecvf.com/content/CVPR2023/html/Jin_Multi-Level_Logit_Distillation_CVPR_2023_paper.html',
  },
  badge: 'equal to reference code',
  formula:
    '\\begin{aligned}\\ell_i ={}& m\\sum_T \\mathrm{kd}_T + \\sum_{T} \\mathrm{kd}^{\\text{strong}}_T \\cr &+ \\frac{m_c}{C}\\sum_T\\lVert P_t^\\top P_t - P_s^\\top P_s\\rVert_F^2 \\cr &+ m\\sum_T \\lVert (P_tP_t^\\top - P_sP_s^\\top)_{i\\cdot}\\rVert^2\\end{aligned}',
  defaultWeight: 0.9,
  knobs: mlldKnobs,
} as const satisfies HintAbout<typeof mlldKnobs>;
