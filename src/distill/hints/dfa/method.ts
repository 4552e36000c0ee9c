import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('dfa', [
    'A search finds which of the teacher’s maps of each resolution a student should follow; then a new student follows that mix.',
    'Rebuilt from the abstract and notes, without a promise: in our short runs the plain last map did better. Look at what the search prefers with and without the bridge.',
  ]),
];
