import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('mld', [
    'Softmax KD for sets where several labels hold at once: the teacher’s probability of each label is taught by itself.',
    'The teacher’s doubt about labels that are often absent together is what the plain labels lack.',
  ]),
];
