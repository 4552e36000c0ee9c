import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const ccKnobs = defineKnobs({
  gamma: {
    kind: 'number',
    label: 'Kernel width',
    help: 'Gamma of the Gaussian kernel.',
    min: 0.05,
    max: 2,
    step: 0.05,
    default: 0.4,
    live: true,
  },
  order: {
    kind: 'number',
    label: 'Kernel order',
    help: 'Terms of the kernel’s Taylor series.',
    min: 1,
    max: 5,
    step: 1,
    integer: true,
    default: 2,
    live: true,
  },
});

export const cc = {
  id: 'cc',
  title: 'Correlation of images (CC)',
  kind: 'relations',
  line: 'How images correlate with each other, through a Gaussian kernel on the embeddings.',
  paper: {
    authors: 'Peng, Jin, Liu, Li, Wu, Liu, Zhou, Zhang',
    title: 'Correlation congruence for knowledge distillation',
    venue: 'ICCV',
    year: 2019,
    url: 'https://arxiv.org/abs/1904.01802',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = \\operatorname{mean}_j\\,(K^s_{ij}-K^t_{ij})^2,\\quad K = e^{-2\\gamma}\\sum_{p=0}^{P}\\frac{(2\\gamma)^p}{p!}\\,(VV^\\top)^p',
  defaultWeight: 100,
  knobs: ccKnobs,
} as const satisfies HintAbout<typeof ccKnobs>;
