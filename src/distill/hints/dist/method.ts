import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('dist', [
    'Matches how the answers correlate, across classes for an instance and across instances for a class, instead of the answers themselves.',
    'Made for teachers that are much stronger than the student; the second part is noisy for small batches.',
  ]),
];
