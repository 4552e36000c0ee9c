import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const crdKnobs = defineKnobs({
  negatives: {
    kind: 'number',
    label: 'Other instances',
    symbol: 'K',
    help: 'From how many instances of other classes each instance’s own is to be told apart. Never more than there are. The paper draws 16384 of 50000.',
    min: 16,
    max: 16384,
    step: 1,
    integer: true,
    scale: 'log',
    default: 1024,
  },
  positive: {
    kind: 'choice',
    label: 'Belongs together',
    help: 'An instance with itself, or with any instance of its class.',
    options: [
      { value: 'exact', label: 'The same instance' },
      { value: 'relax', label: 'The same class' },
    ],
    default: 'exact',
  },
  width: {
    kind: 'number',
    label: 'Width of the embeddings',
    help: 'Numbers per instance that are kept of both networks for every instance of the pool.',
    min: 8,
    max: 512,
    step: 1,
    integer: true,
    default: 128,
  },
  tau: {
    kind: 'number',
    label: 'Temperature',
    symbol: '\\tau',
    help: 'Divides the similarities. Lower looks only at the instances that are hardest to tell apart.',
    min: 0.02,
    max: 1,
    step: 0.01,
    default: 0.07,
    live: true,
  },
  momentum: {
    kind: 'number',
    label: 'Memory',
    help: 'Share of the old embedding that stays when an instance is seen again.',
    min: 0,
    max: 0.99,
    step: 0.01,
    default: 0.5,
    live: true,
  },
});

export const crd = {
  id: 'crd',
  title: 'CRD · Contrastive representation distillation',
  kind: 'relations',
  reads: ['embedding'],
  layouts: ['vector'],
  targets: ['class'],
  line: 'To recognise, among many, the teacher’s view of the same instance.',
  paper: {
    authors: 'Tian, Krishnan, Isola',
    title: 'Contrastive representation distillation',
    venue: 'ICLR',
    year: 2020,
    url: 'https://arxiv.org/abs/1910.10699',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = -\\sum_{\\text{both}}\\Big[\\log\\frac{x_{i0}}{x_{i0}+K/N} + \\sum_{k=1}^K\\log\\frac{K/N}{x_{ik}+K/N}\\Big],\\quad x_{ik} = \\frac{e^{m_k^\\top v_i/\\tau}}{Z}',
  defaultWeight: 0.8,
  knobs: crdKnobs,
} as const satisfies HintAbout<typeof crdKnobs>;
