import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const mldKnobs = defineKnobs({
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: 'T',
    help: 'Divides both networks’ logits before the sigmoid of each label. The paper has none, which is 1.',
    min: 1,
    max: 10,
    step: 0.1,
    default: 1,
    live: true,
  },
});

export const mld = {
  id: 'mld',
  title: 'MLD · Per-label KD',
  kind: 'logits',
  reads: ['output'],
  targets: ['labels'],
  line: 'How likely the teacher finds each label, label by label: each is a question of its own, of yes or no.',
  paper: {
    authors: 'Yang, Xie, Zong, Feng, Niu, Sugiyama, Huang',
    title: 'Multi-label knowledge distillation',
    venue: 'ICCV',
    year: 2023,
    url: 'https://arxiv.org/abs/2308.06453',
  },
  badge: 'reconstruction',
  formula:
    '\\ell_i = T^2 \\operatorname{mean}_k \\mathrm{KL}\\big(\\mathrm{Bern}(\\sigma(z^t_{ik}/T))\\,\\|\\,\\mathrm{Bern}(\\sigma(z^s_{ik}/T))\\big)',
  defaultWeight: 1,
  knobs: mldKnobs,
} as const satisfies HintAbout<typeof mldKnobs>;
