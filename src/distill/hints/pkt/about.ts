import { anyTarget, type HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { readsIn, spaceKnob } from '../space';

export const pktKnobs = defineKnobs({
  space: spaceKnob('Embedding'),
});

export const pkt = {
  id: 'pkt',
  title: 'PKT · Probabilistic knowledge transfer',
  kind: 'relations',
  reads: readsIn('embedding'),
  layouts: ['vector'],
  targets: anyTarget,
  line: 'How likely each instance of the batch is to be another’s neighbour, by the embeddings.',
  paper: {
    authors: 'Passalis, Tefas',
    title: 'Learning deep representations with probabilistic knowledge transfer',
    venue: 'ECCV',
    year: 2018,
    url: 'https://arxiv.org/abs/1803.10837',
  },
  badge: 'equal to reference code',
  formula: '\\ell_i = \\operatorname{mean}_j\\, P^t_{ij}\\log\\frac{P^t_{ij}+\\epsilon}{P^s_{ij}+\\epsilon}',
  defaultWeight: 30000,
  knobs: pktKnobs,
} as const satisfies HintAbout<typeof pktKnobs>;
