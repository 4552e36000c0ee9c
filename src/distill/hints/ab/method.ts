import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('ab', [
    'The student’s neurons first learn to fire for the instances for which the teacher’s do; then the student learns from labels alone.',
    'A better starting point, nothing more: watch the share of matching signs fall once the labels come in.',
  ]),
];
