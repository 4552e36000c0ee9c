import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('dfa', [
    'A search finds which of the teacher’s maps of each resolution a student should follow; then a new student follows that mix.',
    'Rebuilt from the abstract and notes, without a promise. Hold it against the given mixes, the plain last map among them, and look at what the search prefers with and without the bridge.',
  ]),
];
