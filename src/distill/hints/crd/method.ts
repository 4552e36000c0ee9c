import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('crd', [
    'For each instance the student must pick out the teacher’s view of it among those of many instances of other classes.',
    'Its loss starts in the tens, which is normal. It keeps two embeddings of every instance in memory.',
  ]),
];
