import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('vid', [
    'A small network on each student stage predicts the teacher’s map, with a learned variance per channel.',
    'The loss may become negative: it is a likelihood.',
  ]),
];
