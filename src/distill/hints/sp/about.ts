import { anyTarget, type HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { readsIn, spaceKnob } from '../space';

export const spKnobs = defineKnobs({
  space: spaceKnob('Last feature map'),
});

export const sp = {
  id: 'sp',
  title: 'SP · Similarity-preserving KD',
  kind: 'relations',
  reads: readsIn('stages'),
  layouts: ['map', 'vector'],
  targets: anyTarget,
  line: 'Which instances of the batch look alike to the teacher, by its last map.',
  paper: {
    authors: 'Tung, Mori',
    title: 'Similarity-preserving knowledge distillation',
    venue: 'ICCV',
    year: 2019,
    url: 'https://arxiv.org/abs/1907.09682',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = \\frac1B\\sum_j\\left(G^t_{ij}-G^s_{ij}\\right)^2,\\quad G = \\text{rows of } QQ^\\top \\text{ at length 1}',
  defaultWeight: 3000,
  knobs: spKnobs,
} as const satisfies HintAbout<typeof spKnobs>;
