import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('crd', [
    'For each image the student must pick out the teacher’s view of it among those of many images of other classes.',
    'Its loss starts in the tens, which is normal. It keeps two embeddings of every image in memory.',
  ]),
];
