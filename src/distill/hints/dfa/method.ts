import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('dfa', [
    'A search finds which of the teacher’s maps of each resolution a student should follow; then a new student follows that mix.',
    'Rebuilt from the abstract and notes. In our five runs the plain last map taught more than the searched mix, which with two maps of a size has little to find. Watch what the search prefers with and without the bridge.',
  ]),
];
