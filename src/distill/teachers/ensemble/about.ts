import { networkProblem, networkSuggestions } from '../../../nn/network-names';
import type { TeacherAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { corruptionKnobs, trainedKnobs } from '../trained';

/** Names apart by commas; the empty text means none. */
export function readNetworks(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** One name per member: the first network, then the others in turn, as often as it takes. */
export function memberNetworks(first: string, others: string, members: number): string[] {
  const names = [first, ...readNetworks(others)];
  return Array.from({ length: members }, (_, i) => names[i % names.length]!);
}

export const ensembleKnobs = defineKnobs({
  ...trainedKnobs,
  members: {
    kind: 'number',
    label: 'Members',
    symbol: 'M',
    help: 'Networks that are trained one after another, each from first weights and in an order of its own.',
    min: 2,
    max: 8,
    step: 1,
    integer: true,
    default: 3,
  },
  others: {
    kind: 'text',
    label: 'Other networks',
    help: 'Networks of the further members, separated by commas. Empty means the same as the first.',
    default: '',
    suggestions: networkSuggestions,
    problem: (text) => {
      for (const name of readNetworks(text)) {
        const problem = networkProblem(name);
        if (problem) return `names “${name}”, which ${problem}`;
      }
      return null;
    },
  },
  average: {
    kind: 'choice',
    label: 'Average of',
    help: 'Logits keep how sure each member is; probabilities give every member one vote.',
    options: [
      { value: 'logits', label: 'Logits' },
      { value: 'probabilities', label: 'Probabilities' },
    ],
    default: 'logits',
  },
  ...corruptionKnobs,
});

export const ensemble = {
  id: 'ensemble',
  title: 'Ensemble',
  line: 'Several networks with first weights of their own; the student is shown their average. Feature hints look at the first one.',
  paper: {
    authors: 'Hinton, Vinyals, Dean',
    title: 'Distilling the knowledge in a neural network',
    venue: 'NIPS workshop',
    year: 2015,
    url: 'https://arxiv.org/abs/1503.02531',
  },
  badge: 'restated from the paper',
  formula: 'z^t = \\frac1M\\sum_m z^{t_m}\\quad\\text{or}\\quad p^t = \\frac1M\\sum_m p^{t_m}',
  size: 'all',
  knobs: ensembleKnobs,
} as const satisfies TeacherAbout<typeof ensembleKnobs>;
