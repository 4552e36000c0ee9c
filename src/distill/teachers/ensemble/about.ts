import { networkProblem, networkSuggestions } from '../../../nn/network-names';
import type { TeacherAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { corruptionKnobs, corruptionNames, trainedKnobs } from '../trained';

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
  mode: {
    kind: 'choice',
    label: 'Shown to the student',
    help: 'The average of all members at each step; one member at a time, switched from step to step; or each member’s answers on a copy of all data of its own. All three teach the same on average; one member at a time is noisier and needs one forward pass in place of all.',
    options: [
      { value: 'average', label: 'The average' },
      { value: 'switch', label: 'One member a step (switch)' },
      { value: 'augment', label: 'A copy of the data for each member (augment)' },
    ],
    default: 'average',
  },
  rule: {
    kind: 'choice',
    label: 'Whose turn it is',
    help: 'The member of a step is drawn at random, or they take turns in their order.',
    options: [
      { value: 'random', label: 'At random' },
      { value: 'round-robin', label: 'In turn' },
    ],
    default: 'random',
    when: (values) => values['mode'] === 'switch',
  },
  labelsOf: {
    kind: 'choice',
    label: 'Labels of a member',
    help: 'Every member learns from all labels that the teacher may use; or each from a part of its own, like sites that may not pool their data.',
    options: [
      { value: 'all', label: 'All of them' },
      { value: 'share', label: 'Its own share' },
    ],
    default: 'all',
  },
  ...corruptionKnobs,
});

export const ensemble = {
  id: 'ensemble',
  title: 'Ensemble',
  line: 'Several networks with first weights of their own; the student is shown their average, or one of them at a time. Losses on features look at the first one.',
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
  trainedBefore: () => true,
  shownBy: ['average', 'mode', 'rule', ...corruptionNames],
  knobs: ensembleKnobs,
} as const satisfies TeacherAbout<typeof ensembleKnobs>;
