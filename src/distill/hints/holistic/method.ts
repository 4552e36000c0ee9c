import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('holistic', [
    'Each instance is averaged with its nearest neighbours in the batch. The student learns to tell the teacher’s features of it, by itself and so averaged, from those of other classes.',
    'Watch the student’s neighbours become the teacher’s. It teaches without soft targets; beside them it adds little in small runs.',
  ]),
];
