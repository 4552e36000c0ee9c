import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('holistic', [
    'Each instance is mixed with its nearest neighbours in the batch, and the student must pick out the teacher’s view of it, alone and so mixed, among those of other classes.',
    'Watch the student’s neighbours become the teacher’s. It teaches without soft targets; beside them it adds little in small runs.',
  ]),
];
