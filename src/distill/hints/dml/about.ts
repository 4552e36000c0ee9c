import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const dmlKnobs = defineKnobs({});

export const dml = {
  id: 'dml',
  title: 'DML · Deep mutual learning',
  kind: 'logits',
  reads: ['output', 'more'],
  targets: ['class'],
  line: 'The answers of networks that learn at the same time, as they are, without a temperature.',
  paper: {
    authors: 'Zhang, Xiang, Hospedales, Lu',
    title: 'Deep mutual learning',
    venue: 'CVPR',
    year: 2018,
    url: 'https://arxiv.org/abs/1706.00384',
  },
  badge: 'equal to reference code',
  formula: '\\ell_i = \\tfrac{1}{K-1}\\sum_{j}\\mathrm{KL}\\big(p^{j}_i\\,\\|\\,p^s_i\\big)',
  defaultWeight: 1,
  knobs: dmlKnobs,
} as const satisfies HintAbout<typeof dmlKnobs>;
