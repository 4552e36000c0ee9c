import { networkProblem, networkSuggestions } from '../../nn/network-names';
import { defineKnobs } from '../knobs';

export const studentKnobs = defineKnobs({
  network: {
    kind: 'text',
    label: 'Student network',
    help: 'Small on purpose: what would run on the device in the end.',
    default: 'mlp-32',
    suggestions: networkSuggestions,
    problem: networkProblem,
  },
});
