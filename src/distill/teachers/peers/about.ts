import { networkProblem, networkSuggestions } from '../../../nn/network-names';
import type { TeacherAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const peersKnobs = defineKnobs({
  peers: {
    kind: 'number',
    label: 'Peers',
    help: 'Networks that learn beside the student, each imitating all others.',
    min: 1,
    max: 4,
    step: 1,
    integer: true,
    default: 1,
  },
  network: {
    kind: 'text',
    label: 'Peer network',
    help: 'The same as the student or another one; a larger peer pulls the student harder than the other way round.',
    default: 'cnn-8-16-32',
    suggestions: networkSuggestions,
    problem: networkProblem,
  },
  lambda: {
    kind: 'number',
    label: 'Mutual weight',
    symbol: '\\lambda',
    help: 'How strongly each peer imitates the others beside its labels. The student’s own pull is the weight of its hint.',
    min: 0,
    max: 10,
    step: 0.1,
    default: 1,
    live: true,
  },
});

export const peers = {
  id: 'peers',
  title: 'DML · Peers',
  line: 'Nobody knows more: networks that start from nothing, learn at the same time and imitate each other.',
  paper: {
    authors: 'Zhang, Xiang, Hospedales, Lu',
    title: 'Deep mutual learning',
    venue: 'CVPR',
    year: 2018,
    url: 'https://arxiv.org/abs/1706.00384',
  },
  badge: 'equal to reference code',
  formula: 'L_k = \\mathrm{CE}_k + \\lambda\\,\\tfrac{1}{K-1}\\sum_{j\\ne k}\\mathrm{KL}(p_j\\|p_k)',
  size: 'free',
  learnsBeside: true,
  called: 'its peers',
  targets: ['class'],
  knobs: peersKnobs,
} as const satisfies TeacherAbout<typeof peersKnobs>;
