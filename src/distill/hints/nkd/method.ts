import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('nkd', [
    'Weighs the target class by the teacher’s confidence and distils the other classes renormalised.',
    'Its loss is a cross-entropy, so it does not fall to zero even for a perfect student.',
  ]),
];
