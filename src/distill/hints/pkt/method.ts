import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('pkt', [
    'Each instance’s probabilities of having the others as neighbours should be the teacher’s.',
    'Losses are tiny and the weight is large; watch the weighted curve.',
  ]),
];
