import { anyTarget, type HintAbout } from '../../about';
import { defineKnobs, type KnobValues } from '../../knobs';
import { readsIn, spaceKnob } from '../space';

const isKernel = (values: KnobValues) => values['form'] === 'kernel';

export const ccKnobs = defineKnobs({
  space: spaceKnob('Embedding'),
  form: {
    kind: 'choice',
    label: 'Form',
    help: 'The paper’s: a kernel on the embeddings. The benchmark’s: trained embeddings of both networks, compared between neighbours in the batch; its published weight is 0.02.',
    options: [
      { value: 'kernel', label: 'Kernel (paper)' },
      { value: 'embedded', label: 'Trained embeddings (benchmark)' },
    ],
    default: 'kernel',
  },
  gamma: {
    kind: 'number',
    label: 'Kernel width',
    symbol: '\\gamma',
    help: 'Gamma of the Gaussian kernel.',
    min: 0.05,
    max: 2,
    step: 0.05,
    default: 0.4,
    live: true,
    when: isKernel,
  },
  order: {
    kind: 'number',
    label: 'Kernel order',
    symbol: 'P',
    help: 'Terms of the kernel’s Taylor series.',
    min: 1,
    max: 5,
    step: 1,
    integer: true,
    default: 2,
    live: true,
    when: isKernel,
  },
  width: {
    kind: 'number',
    label: 'Width of the embeddings',
    help: 'Numbers per instance after the trained embedding.',
    min: 4,
    max: 512,
    step: 1,
    integer: true,
    default: 128,
    when: (values) => values['form'] === 'embedded',
  },
});

export const cc = {
  id: 'cc',
  title: 'CC · Correlation congruence',
  kind: 'relations',
  reads: readsIn('embedding'),
  layouts: ['vector'],
  targets: anyTarget,
  line: 'How instances correlate with each other, through a Gaussian kernel on the embeddings.',
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
