import { anyTarget, type HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const atKnobs = defineKnobs({
  p: {
    kind: 'choice',
    label: 'Power',
    symbol: 'p',
    help: 'Channels are raised to this power before they are averaged into one attention map. Higher powers look only at the strongest places.',
    options: [
      { value: '1', label: '1' },
      { value: '2', label: '2' },
      { value: '4', label: '4' },
    ],
    default: '2',
  },
});

export const at = {
  id: 'at',
  title: 'AT · Attention transfer',
  kind: 'features',
  reads: ['stages'],
  layouts: ['map'],
  targets: anyTarget,
  line: 'Where the teacher’s maps are active, stage by stage.',
  paper: {
    authors: 'Zagoruyko, Komodakis',
    title: 'Paying more attention to attention',
    venue: 'ICLR',
    year: 2017,
    url: 'https://arxiv.org/abs/1612.03928',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = \\sum_k \\operatorname{mean}_{hw}\\left(\\frac{A^s_{ik}}{\\lVert A^s_{ik}\\rVert_2} - \\frac{A^t_{ik}}{\\lVert A^t_{ik}\\rVert_2}\\right)^2,\\quad A = \\operatorname{mean}_c |F|^p',
  defaultWeight: 'published',
  published: {
    weight: 1000,
    scaling: { side: 32, power: () => 2 },
    why: 'The maps have length 1 and their differences are averaged over places, so the loss falls as the maps grow.',
  },
  knobs: atKnobs,
} as const satisfies HintAbout<typeof atKnobs>;
