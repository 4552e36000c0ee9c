import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const holisticKnobs = defineKnobs({
  neighbours: {
    kind: 'number',
    label: 'Neighbours',
    symbol: 'k',
    help: 'How many instances of the batch each instance is mixed with, itself included. A batch that is smaller gets the two terms without a graph, and leaves the memory as it is.',
    min: 2,
    max: 64,
    step: 1,
    integer: true,
    default: 8,
    live: true,
  },
  width: {
    kind: 'number',
    label: 'Width of the embeddings',
    symbol: 'd',
    help: 'Numbers per instance that are kept of both networks for every instance of the pool. The authors’ code has 128.',
    min: 8,
    max: 128,
    step: 1,
    integer: true,
    default: 32,
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
    default: 0.9,
    live: true,
  },
  smoothing: {
    kind: 'number',
    label: 'Smoothing',
    symbol: '\\lambda',
    help: 'Share of the remembered embedding in what a graph embedding is compared with; the rest is the other network’s graph embedding of this batch.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0.75,
    live: true,
  },
  negativesOf: {
    kind: 'choice',
    label: 'Negatives from',
    help: 'Whose memory the instances of other classes are taken from. The authors’ code takes the network’s own; its names suggest that the other one’s was meant.',
    options: [
      { value: 'own', label: 'The network’s own memory (as coded)' },
      { value: 'other', label: 'The other network’s memory' },
    ],
    default: 'own',
    live: true,
  },
  bank: {
    kind: 'choice',
    label: 'How many negatives',
    help: 'All instances of other classes, or some that are drawn for each instance and step, as in the authors’ code.',
    options: [
      { value: 'all', label: 'All of other classes' },
      { value: 'sample', label: 'Drawn' },
    ],
    default: 'all',
  },
  drawn: {
    kind: 'number',
    label: 'Drawn negatives',
    symbol: 'K',
    help: 'Instances of other classes that each instance is contrasted with. Never more than there are. The authors’ code draws 16384 of 50000.',
    min: 16,
    max: 16384,
    step: 1,
    integer: true,
    scale: 'log',
    default: 256,
    when: ({ bank }) => bank === 'sample',
  },
});

export const holistic = {
  id: 'holistic',
  title: 'Holistic KD · Holistic knowledge with graph networks',
  kind: 'relations',
  reads: ['embedding', 'output'],
  layouts: ['vector'],
  targets: ['class'],
  line: 'To recognise the teacher’s view of an instance, and of the instance among its nearest neighbours in the batch.',
  paper: {
    authors: 'Zhou et al.',
    title: 'Distilling holistic knowledge with graph neural networks',
    venue: 'ICCV',
    year: 2021,
    url: 'https://arxiv.org/abs/2108.05507',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = \\sum_{a\\,\\in\\{e^s_i,\\,e^t_i,\\,g^s_i,\\,g^t_i\\}}\\!\\!-\\log\\frac{e^{a^\\top a^+/\\tau}}{e^{a^\\top a^+/\\tau}+\\sum_n e^{a^\\top m_n/\\tau}},\\quad g_i = \\mathrm{unit}\\Big(W\\big[e_i,\\ \\tfrac1k\\!\\sum_{j\\in N(i)}\\!e_j\\big]+c\\Big)',
  defaultWeight: 1,
  published: {
    weight: 3,
    why: 'The published 3 stands beside 240 epochs; in short runs of a small student 1 did better.',
  },
  knobs: holisticKnobs,
  refuse: ({ outputs }) =>
    outputs < 2 ? 'Holistic KD contrasts classes with each other, and this set has only one.' : null,
  note: ({ batch }, { neighbours }) =>
    batch < neighbours
      ? `Batches hold ${batch} instances, fewer than the ${neighbours} neighbours of Holistic KD: it goes without its graphs, and its memory stays as it began. Lower “Neighbours”, or take larger batches.`
      : null,
} as const satisfies HintAbout<typeof holisticKnobs>;
